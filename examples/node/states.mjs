// The provider-state handler, which verifik-contract calls to make the states that scenarios start from. docs/STATES.md
// describes each state, parameter and value.
import { addRegistration, addValidation, removeRegistration } from "./provider.mjs";

const minutes = 60 * 1000;

// What each state is. An OTP is valid for ten minutes; an expired one expired a minute ago.
const states = {
  "a pending phone validation": { lives: 10 * minutes },
  "an expired phone validation": { lives: -1 * minutes },
  "no phone validation": {},
  "a pending phone validation with face liveness recommended": { lives: 10 * minutes, liveness: true },
  "a pending phone validation with a webhook": { lives: 10 * minutes },
};

let lastPhone = 60000000;
const open = new Map(); // set-ups of a state with the same parameters that were not torn down, and what they made

// The answer to {"state": ..., "params": {...}, "action": "setup" or "teardown"}: any 2xx is success.
export function change({ state, params = {}, action }) {
  const declared = states[state];
  if (!declared) return { status: 404, body: { message: `unknown state; the states are ${Object.keys(states).join(", ")}` } };
  const key = JSON.stringify([state, params.countryCode, params.phoneGateway, params.webhookUrl]);
  if (action === "teardown") {
    tearDown(key);
    return { status: 200, body: {} };
  }
  const { registration, values } = setUp(declared, params);
  const group = open.get(key) ?? { count: 0, made: [] };
  open.set(key, { count: group.count + 1, made: [...group.made, registration] });
  return { status: 200, body: values };
}

// Scenarios run side by side, so each set-up gets records of its own: its own phone, and its own project and flow, because
// scenarios try one set-up's project and flow with another set-up's phone.
function setUp(declared, { countryCode = "+507", phoneGateway = "sms", webhookUrl }) {
  const phone = String(++lastPhone);
  const project = `project-${phone}`;
  const projectFlow = `flow-${phone}`;
  const registration = addRegistration({ project, projectFlow, countryCode, phone });
  const values = {
    phone, countryCode, token: registration.token,
    project, projectFlow, appRegistrationId: registration.id,
  };
  if (declared.lives === undefined) return { registration, values };
  const validation = addValidation(registration, {
    phoneGateway, webhookUrl, expires: new Date(Date.now() + declared.lives), recommendsLiveness: declared.liveness === true,
  });
  return {
    registration,
    values: {
      ...values, otp: validation.otp, phoneGateway,
      showFaceLivenessRecommendation: validation.recommendsLiveness, validationId: validation.id,
    },
  };
}

// A teardown does not say which set-up it belongs to, so the records are removed when the last set-up is torn down.
function tearDown(key) {
  const group = open.get(key);
  if (!group) return;
  if (--group.count > 0) return;
  group.made.forEach(removeRegistration);
  open.delete(key);
}
