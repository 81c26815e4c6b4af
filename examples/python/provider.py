"""A small provider of PUT /v2/phone-validations, with its records in memory.

The example is states.py: this file only stands in for your own provider.
"""

import json
import re
import secrets
import threading
from datetime import datetime, timezone

lock = threading.Lock()  # guards the records
registrations = {}  # by id
validations = {}  # by id


class Registration:
    def __init__(self, project, project_flow, country_code, phone):
        self.id, self.token = secrets.token_hex(12), secrets.token_urlsafe(32)
        self.project, self.project_flow = project, project_flow
        self.country_code, self.phone = country_code, phone
        self.linked = None
        registrations[self.id] = self

    def remove(self):
        del registrations[self.id]
        for validation in [v for v in validations.values() if v.registration is self]:
            del validations[validation.id]


class Validation:
    def __init__(self, registration, phone_gateway, webhook_url, expires, recommends_liveness):
        self.id, self.registration = secrets.token_hex(12), registration
        self.phone_gateway, self.webhook_url = phone_gateway, webhook_url
        self.expires, self.recommends_liveness = expires, recommends_liveness
        self.otp = 100000 + secrets.randbelow(900000)  # a JSON number cannot carry a leading zero
        self.status = "sent"
        validations[self.id] = self

    def shown(self):
        return {
            "_id": self.id,
            "status": self.status,
            "countryCode": self.registration.country_code,
            "phone": self.registration.phone,
            "type": "onboarding",
        }


def refusal(status, code, message=None):
    return status, {"code": code, "message": message or f"{status}:{code}"}, None


def handle(method, path, authorization, body):
    """Returns the answer to a request: status, body, and what to notify of afterwards, (url, event) or None."""
    caller = caller_of(authorization)
    if caller is None:
        return refusal(401, "Unauthorized")
    if method == "PUT" and path == "/v2/phone-validations":
        return validate(caller, body)
    if method == "GET" and path.startswith("/v2/phone-validations/"):
        validation = validations.get(path.rsplit("/", 1)[1])
        if validation and validation.registration is caller:
            return 200, {"data": {**validation.shown(), "expiresAt": validation.expires.isoformat()}}, None
    if method == "GET" and path == f"/v2/app-registrations/{caller.id}":
        return 200, {"data": {"_id": caller.id, "phoneValidation": caller.linked}}, None
    return refusal(404, "NotFound")


def caller_of(authorization):
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    return next((r for r in registrations.values() if r.token == token), None)


def validate(caller, body):
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return refusal(400, "BadRequest")
    if not isinstance(request, dict):
        return refusal(400, "BadRequest")

    phone, country_code, otp = request.get("phone"), request.get("countryCode"), request.get("otp")
    missing = []
    if not isinstance(phone, str) or not phone:
        missing.append("missing phone")
    if not isinstance(country_code, str) or not country_code:
        missing.append("missing countryCode")
    if isinstance(otp, bool) or not isinstance(otp, (int, float)):
        missing.append("missing otp")
    if missing:
        return refusal(409, "MissingParameter", "\n. ".join(missing))
    if not re.fullmatch(r"\+[0-9]{1,3}", country_code):
        return refusal(
            409,
            "MissingParameter",
            "Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits.",
        )

    digits = phone.replace(" ", "")
    validation = next((v for v in validations.values() if v.registration is caller), None)
    if (
        validation is None
        or (caller.country_code, caller.phone) != (country_code, digits)
        or request.get("project") not in (None, "", caller.project)
        or request.get("projectFlow") not in (None, "", caller.project_flow)
    ):
        return refusal(404, "phone_validation_not_found")
    if validation.status == "validated":
        return refusal(409, "phone_validation_already_validated")
    if validation.expires <= datetime.now(timezone.utc):
        return refusal(412, "phoneValidation_has_expired")
    if otp != validation.otp:
        return refusal(403, "otp_does_not_match")

    validation.status, caller.linked = "validated", validation.id
    data = {**validation.shown(), "showFaceLivenessRecommendation": validation.recommends_liveness}
    event = {"type": "onboarding_phone_validation_validated", "object": validation.shown()}
    return 200, {"data": data}, validation.webhook_url and (validation.webhook_url, event)
