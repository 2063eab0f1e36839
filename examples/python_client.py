"""Links a record of a product to one of an external app, and finds each from the other.

DATALINKS_URL is the server's address, DATALINKS_WORKSPACE_KEY and DATALINKS_WORKSPACE_SECRET are those of a workspace
(``datalinks workspace create Demo`` prints them). Running it again changes nothing.
"""

import os

from datalinks import Client

URL = os.environ["DATALINKS_URL"]
KEY = os.environ["DATALINKS_WORKSPACE_KEY"]
SECRET = os.environ["DATALINKS_WORKSPACE_SECRET"]


def main() -> None:
    # An admin says once what there is to link: a kind of relation, and an app.
    with Client(URL, workspace_key=KEY, workspace_secret=SECRET, admin=True) as admin:
        if admin.tables.find("contacts") is None:
            admin.tables.create(key="contacts", name="Contacts")
        if admin.integrations.find("crm") is None:
            admin.integrations.create(key="crm", name="CRM")

    # A customer connects the app and links records through its own connection.
    with Client(URL, workspace_key=KEY, workspace_secret=SECRET, customer="acme") as acme:
        if acme.connections.find("crm") is None:
            acme.connections.create(integration_key="crm", name="Acme's CRM")
        contacts = acme.links_of(table="contacts", integration="crm")

        contacts.create(app_record_id="user-17", external_record_id="9001")

        print("user-17 is", contacts.external_record_id("user-17"), "in the CRM")
        print("9001 is", contacts.app_record_id("9001"), "in the product")
        print("user-18 is", contacts.external_record_id("user-18"), "in the CRM")


if __name__ == "__main__":
    main()
