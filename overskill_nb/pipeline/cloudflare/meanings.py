"""What Cloudflare's error codes mean, and what to do: one sentence each."""

from __future__ import annotations

TOKEN = "make a token at dash.cloudflare.com/profile/api-tokens and set CLOUDFLARE_API_TOKEN"  # noqa: S105

MEANINGS: dict[int, str] = {
    # who calls
    9103: f"The token or e-mail address is not known to Cloudflare; {TOKEN}.",
    9106: f"No token came with the call; {TOKEN}.",
    9109: "The token may not do this or not for this account; give it `Workers Scripts: Edit` for the account in "
    "CLOUDFLARE_ACCOUNT_ID.",
    10000: f"The token is wrong, has expired, or lacks `Workers Scripts: Edit` for this account; {TOKEN}.",
    10001: "The token lacks a permission for this; give it `Workers Scripts: Edit` (and `Workers Routes: Edit` for a "
    "domain).",
    10023: "The token may not do this; give it `Workers Scripts: Edit` for the account in CLOUDFLARE_ACCOUNT_ID.",
    10353: "Cloudflare has blocked this account; its owner finds the reason in the dashboard.",
    # what the account has
    10015: "The account has no Workers for Platforms; subscribe at dash.cloudflare.com under Workers & Pages, "
    "Workers for Platforms.",
    10037: "The account has as many scripts as it may; delete some (`undeploy`) or raise the limit with Cloudflare.",
    10063: "The account has no workers.dev subdomain yet; open Workers & Pages in the dashboard once, which makes one.",
    10121: "The account has no Workers for Platforms; subscribe at dash.cloudflare.com under Workers & Pages, "
    "Workers for Platforms.",
    # what is addressed
    7000: "Cloudflare knows no such address; check CLOUDFLARE_API_BASE_URL.",
    7003: "Cloudflare knows no such account or address; check CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_BASE_URL.",
    10007: "There is no such script; deploy it first.",
    10090: "There is no such environment of the script; deploy it first.",
    10092: "There is no such environment of the script; deploy it first.",
    10119: "There is no such dispatch namespace; `overskill cloudflare setup` makes it.",
    # what is uploaded
    10006: "The Worker's code does not parse; see its syntax in `worker/`.",
    10016: "Cloudflare does not take this script name; use lower-case letters, digits and dashes, at most 63.",
    10021: "The Worker fails when it starts; see what its top-level code does.",
    10026: "Cloudflare could not read the upload; try again, and report it if it stays.",
    10027: "The Worker's code is larger than the account's plan allows; make it smaller.",
    10052: "A binding has no name; give every variable and secret a name.",
    10054: "A variable or secret is larger than 5 kB; shorten it, or keep it elsewhere.",
    10055: "The app has more variables and secrets than a Worker may have; remove some.",
    10056: "A binding names something that is not in the account; make it first, or correct the name.",
    10068: "The Worker handles nothing; `worker/index.ts` needs `export default { fetch(request, env) { … } }`.",
    10074: "The Worker's Durable Object class is there already; remove its migration.",
    # what passes
    10013: "Cloudflare had an internal error; the call is tried again.",
    10035: "Another change to the same script is under way; the call is tried again.",
    971: "Cloudflare limits the calls of this token; the call is tried again when it is allowed.",
    10429: "Cloudflare limits the calls of this token; the call is tried again when it is allowed.",
    # what a Worker's page shows instead of an answer
    1015: "The app's address is limited by a rate rule of its zone; wait, or change the rule.",
    1027: "The account's daily limit of requests is used up; it starts anew at midnight UTC, or take the paid plan.",
    1042: "A Worker calls another one in its own zone by address; use a service binding.",
    1101: "The Worker threw an exception; see `app.logs(…)`.",
    1102: "The Worker took more processor time or memory than it may; see `app.logs(…)`.",
}

TEMPORARY = frozenset({971, 10013, 10035, 10429})
"""Codes that a later call does not meet, whatever their HTTP status."""

NOT_FOUND = frozenset({10007, 10090, 10092, 10119})

STATUSES: dict[int, str] = {
    400: "Cloudflare does not take the request as it is.",
    401: f"The token is wrong or has expired; {TOKEN}.",
    403: "The token may not do this; give it `Workers Scripts: Edit` for the account in CLOUDFLARE_ACCOUNT_ID.",
    404: "Cloudflare has no such thing; check CLOUDFLARE_ACCOUNT_ID and the names.",
    405: "Cloudflare does not know this call; check CLOUDFLARE_API_BASE_URL.",
    408: "Cloudflare got the request too slowly; check the network and try again.",
    409: "It collides with another change; try again.",
    413: "The upload is larger than Cloudflare takes; an asset may have 25 MiB.",
    422: "Cloudflare does not take the request as it is.",
    429: "Cloudflare limits the calls of this token, and blocks it for up to 5 minutes.",
}


def meaning(code: int, status: int) -> str:
    """What the code means, or else the status."""
    if known := MEANINGS.get(code):
        return known
    if known := STATUSES.get(status):
        return known
    if status >= 500:
        return "Cloudflare has trouble at the moment; see www.cloudflarestatus.com and try again."
    return "Cloudflare refused the call."
