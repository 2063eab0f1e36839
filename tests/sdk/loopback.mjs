// Loaded before anything else (node --import): a program that reaches for another machine ends at once.
// The exit code says so even where the program would have swallowed a network error.
import dns from 'node:dns';
import net from 'node:net';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const EXIT_CODE = 97;

function refuse(target) {
  process.stderr.write(`Refused to contact ${target}: only this machine may be contacted.\n`);
  process.exit(EXIT_CODE);
}

function targetOf(connectArguments) {
  // Node's own callers pass an array of normalised arguments, everyone else the options or (port, host).
  const first = Array.isArray(connectArguments[0]) ? connectArguments[0][0] : connectArguments[0];
  if (typeof first === 'object') return first.path ?? first.host ?? 'localhost';
  return typeof connectArguments[1] === 'string' ? connectArguments[1] : 'localhost';
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectToLoopback(...connectArguments) {
  const target = targetOf(connectArguments);
  if (!LOOPBACK.has(target)) refuse(target);
  return connect.apply(this, connectArguments);
};

const lookup = dns.lookup;
dns.lookup = function lookupLoopback(name, ...rest) {
  if (!LOOPBACK.has(name)) refuse(name);
  return lookup.call(this, name, ...rest);
};
