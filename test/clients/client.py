# The contract's Python client: LATCHKEY_HOST and API_KEY from the environment.
import json
import os
import urllib.error
import urllib.request

HOST = os.environ["LATCHKEY_HOST"]
API_KEY = os.environ["API_KEY"]


def call(method, path, body=None, headers=None):
    request = urllib.request.Request(
        f"{HOST}/api/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={**(headers or {"Authorization": f"Bearer {API_KEY}"}), "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


created = call("POST", "/sources", {"name": "from Python", "type": "webhook"})
source_id = created[1]["id"]
listed = call("GET", "/sources", headers={"X-API-Key": API_KEY})
read = call("GET", f"/sources/{source_id}")
updated = call("PUT", f"/sources/{source_id}", {"name": "renamed"})
deleted = call("DELETE", f"/sources/{source_id}")
refused = call("GET", "/sources", headers={"Authorization": "Bearer hklst_your_api_key_here"})

print(json.dumps({
    "statuses": [answer[0] for answer in (created, listed, read, updated, deleted, refused)],
    "listed": any(source["id"] == source_id for source in listed[1]),
    "name": updated[1]["name"],
    "error": refused[1]["error"],
}))
