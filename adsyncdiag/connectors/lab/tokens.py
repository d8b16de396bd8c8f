"""The token service: discovery and the client-credentials grant, refusing as Microsoft Entra ID does (AADSTS codes)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, unquote_plus
from uuid import NAMESPACE_URL, uuid4, uuid5

import orjson

from adsyncdiag.connectors.lab.document import Json
from adsyncdiag.connectors.lab.problems import unauthenticated
from adsyncdiag.connectors.lab.tenant import Application, LabTenant

LIFETIME = 3599
"""Seconds an access token is good for."""
GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"

TokenAnswer = tuple[int, dict[str, Json]]


class _Refused(Exception):
    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.number = number
        self.text = text


def discovery(tenant: LabTenant, named: str, root: str) -> TokenAnswer:
    """Answer `/<named>/v2.0/.well-known/openid-configuration`; *root* is `https://host[:port]`."""
    try:
        identifier = _resolve(tenant, named)
    except _Refused as refusal:
        return refusal.status, _error_body(refusal, tenant.clock())
    base = f"{root}/{identifier}"
    return 200, {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    }


def grant(tenant: LabTenant, named: str, body: bytes, authorization: str, root: str) -> TokenAnswer:
    """Answer a POST to `/<named>/oauth2/v2.0/token`; *authorization* is that header, for client_secret_basic."""
    try:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        identifier = _resolve(tenant, named)
        application = _application(tenant, form, authorization)
        audience = _audience(form)
    except _Refused as refusal:
        return refusal.status, _error_body(refusal, tenant.clock())
    token = issue(tenant, application, audience, f"{root}/{identifier}/")
    return 200, {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}


def issue(tenant: LabTenant, application: Application, audience: str, issuer: str) -> str:
    """Return a new access token and remember it.

    It has the form of a JSON Web Token, so that `roles` can be read from it as from a real one; its signature is a random
    value, and it is good because the tenant remembers it.
    """
    now = tenant.clock().timestamp()
    for token in [token for token, (ends, _) in tenant.tokens.items() if ends <= now - LIFETIME]:
        del tenant.tokens[token]
    claims: dict[str, Json] = {
        "aud": audience,
        "iss": issuer,
        "iat": int(now),
        "nbf": int(now),
        "exp": int(now) + LIFETIME,
        "appid": application.client_id,
        "idtyp": "app",
        "oid": str(uuid5(NAMESPACE_URL, application.client_id)),
        "roles": list(application.roles),
        "tid": tenant.tenant_id,
        "uti": secrets.token_urlsafe(16),
        "ver": "1.0",
    }
    parts = (orjson.dumps({"typ": "JWT", "alg": "RS256", "kid": "lab"}), orjson.dumps(claims), secrets.token_bytes(32))
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    tenant.tokens[token] = (now + LIFETIME, application)
    return token


def bearer(tenant: LabTenant, authorization: str) -> Application:
    """Return the application that a Graph request's Authorization header stands for; raise `Problem` (401) otherwise."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated("Access token is empty.")
    found = tenant.tokens.get(token)
    if found is None and token.count(".") != 2:
        raise unauthenticated("IDX14100: JWT is not well formed, there are no dots (.).")
    if found is None:
        raise unauthenticated("Access token validation failure. Invalid signature.")
    if found[0] <= tenant.clock().timestamp():
        raise unauthenticated("Lifetime validation failed, the token is expired.")
    return found[1]


def expire(tenant: LabTenant, authorization: str) -> None:
    """End a token before its time, as a revocation does."""
    token = authorization.partition(" ")[2].strip()
    if token in tenant.tokens:
        tenant.tokens[token] = (tenant.clock().timestamp(), tenant.tokens[token][1])


def _resolve(tenant: LabTenant, named: str) -> str:
    """Return the tenant's GUID for its GUID or one of its domains."""
    identifier = tenant.tenant_id
    if named.lower() != identifier.lower() and not any(named.lower() == d.name.lower() for d in tenant.domains()):
        raise _Refused(
            400,
            "invalid_tenant",
            90002,
            f"Tenant '{named}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant.",
        )
    return identifier


def _application(tenant: LabTenant, form: Mapping[str, str], authorization: str) -> Application:
    """Return the application whose credentials the form, or the Authorization header, has."""
    if "grant_type" not in form:
        raise _Refused(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'."
        )
    if form["grant_type"] != "client_credentials":
        text = f"The app requested an unsupported grant type '{form['grant_type']}'."
        raise _Refused(400, "unsupported_grant_type", 70003, text)
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        client_id, secret = _basic(authorization[6:])
    if not client_id:
        raise _Refused(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'."
        )
    found = next((a for a in tenant.applications() if a.client_id.lower() == client_id.lower()), None)
    if found is None:
        name = tenant.organization().get("displayName") or tenant.tenant_id
        raise _Refused(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{name}'. This can happen if the "
            "application has not been installed by the administrator of the tenant or consented to by any user in the "
            "tenant. You may have sent your authentication request to the wrong tenant.",
        )
    if not secret:
        text = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        raise _Refused(401, "invalid_client", 7000216, text)
    if not found.accepts(secret):
        raise _Refused(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{found.client_id}'.",
        )
    return found


def _basic(encoded: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # no base64, no ASCII, or no UTF-8
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _audience(form: Mapping[str, str]) -> str:
    """Return the resource of the scope; any `https` resource is taken for Graph, because the lab has no other."""
    scope = form.get("scope", "")
    if not scope:
        raise _Refused(
            400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'."
        )
    resource = scope.removesuffix("/.default")
    if resource == scope or " " in scope:
        raise _Refused(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier (application ID URI).",
        )
    if not resource.startswith("https://") and resource.lower() != GRAPH_APPLICATION:
        text = f"The resource principal named {resource} was not found in the tenant."
        raise _Refused(400, "invalid_resource", 500011, text)
    return resource


def _error_body(refusal: _Refused, now: datetime) -> dict[str, Json]:
    stamp = f"{now:%Y-%m-%d %H:%M:%SZ}"
    trace, correlation = str(uuid4()), str(uuid4())
    return {
        "error": refusal.error,
        "error_description": (
            f"AADSTS{refusal.number}: {refusal.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
        ),
        "error_codes": [refusal.number],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refusal.number}",
    }
