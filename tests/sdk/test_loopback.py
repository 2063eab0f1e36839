"""Programs that tests start cannot reach another machine: they end with an exit code of its own."""

import subprocess

import pytest

from sdk.process import node_command

REFUSED = 97


@pytest.mark.parametrize(
    "reach",
    [
        "fetch('http://example.com/').catch(() => {})",
        "fetch('http://192.0.2.1/').catch(() => {})",
        "require('node:net').connect(443, '192.0.2.1').on('error', () => {})",
        "require('node:https').get('https://example.com/').on('error', () => {})",
        "require('node:dns').lookup('example.com', () => {})",
    ],
)
def test_another_machine_is_refused(reach: str) -> None:
    done = subprocess.run(node_command("--eval", reach), capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == REFUSED, done.stderr
    assert "only this machine may be contacted" in done.stderr


def test_this_machine_is_reached() -> None:
    reach = """
        const server = require('node:http').createServer((request, response) => response.end('here'));
        server.listen(0, '127.0.0.1', async () => {
            const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
            console.log(await answer.text());
            server.close();
        });
    """

    done = subprocess.run(node_command("--eval", reach), capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (0, "here\n")
