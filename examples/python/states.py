"""The provider-state handler, which verifik-contract calls to make the states that scenarios start from.

docs/STATES.md has each state, each parameter and each value.
"""

from datetime import datetime, timedelta, timezone

from provider import Registration, Validation

# How long the OTP of each state is valid (None: it has no OTP), and whether its flow recommends face liveness.
STATES = {
    "a pending phone validation": (timedelta(minutes=10), False),
    "an expired phone validation": (timedelta(minutes=-1), False),
    "no phone validation": (None, False),
    "a pending phone validation with face liveness recommended": (timedelta(minutes=10), True),
    "a pending phone validation with a webhook": (timedelta(minutes=10), False),
}

last_phone = 60000000
open_groups = {}  # set-ups of a state with the same parameters that were not torn down: their count, what they made


def change(asked):
    """The answer to {"state": ..., "params": {...}, "action": "setup" or "teardown"}: any 2xx is success."""
    state, params = asked["state"], asked.get("params") or {}
    if state not in STATES:
        return 404, {"message": "unknown state; the states are " + ", ".join(STATES)}
    key = (state, params.get("countryCode"), params.get("phoneGateway"), params.get("webhookUrl"))
    if asked.get("action") == "teardown":
        tear_down(key)
        return 200, {}
    registration, values = set_up(*STATES[state], params)
    count, made = open_groups.get(key, (0, []))
    open_groups[key] = (count + 1, made + [registration])
    return 200, values


def set_up(lives, liveness, params):
    """Scenarios run side by side, so each set-up gets records of its own: its own phone, and its own project and flow,
    because scenarios try one set-up's project and flow with another set-up's phone.
    """
    global last_phone
    last_phone += 1
    country_code = params.get("countryCode", "+507")
    project, flow = f"project-{last_phone}", f"flow-{last_phone}"
    registration = Registration(project, flow, country_code, str(last_phone))
    values = {
        "phone": registration.phone,
        "countryCode": country_code,
        "token": registration.token,
        "project": project,
        "projectFlow": flow,
        "appRegistrationId": registration.id,
    }
    if lives is None:
        return registration, values
    validation = Validation(
        registration,
        params.get("phoneGateway", "sms"),
        params.get("webhookUrl"),
        datetime.now(timezone.utc) + lives,
        liveness,
    )
    return registration, {
        **values,
        "otp": validation.otp,
        "phoneGateway": validation.phone_gateway,
        "showFaceLivenessRecommendation": liveness,
        "validationId": validation.id,
    }


def tear_down(key):
    """A teardown does not say which set-up it belongs to, so the records are removed when the last set-up is torn down."""
    count, made = open_groups.pop(key, (0, []))
    if count > 1:
        open_groups[key] = (count - 1, made)
        return
    for registration in made:
        registration.remove()
