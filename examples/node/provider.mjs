// A small provider of PUT /v2/phone-validations, with its records in memory. The example is states.mjs: this file only
// stands in for your own provider.
import { randomBytes, randomInt } from "node:crypto";

export const registrations = new Map(); // by id
export const validations = new Map(); // by id

const newId = () => randomBytes(12).toString("hex");

export function addRegistration({ project, projectFlow, countryCode, phone }) {
  const registration = { id: newId(), token: randomBytes(32).toString("base64url"), project, projectFlow, countryCode, phone, linked: null };
  registrations.set(registration.id, registration);
  return registration;
}

export function addValidation(registration, { phoneGateway, webhookUrl, expires, recommendsLiveness }) {
  const validation = {
    id: newId(), registration, phoneGateway, webhookUrl, expires, recommendsLiveness,
    otp: randomInt(100000, 1000000), // a JSON number cannot carry a leading zero
    status: "sent",
  };
  validations.set(validation.id, validation);
  return validation;
}

export function removeRegistration(registration) {
  registrations.delete(registration.id);
  for (const v of validations.values()) if (v.registration === registration) validations.delete(v.id);
}

const refusal = (status, code, message = `${status}:${code}`) => ({ status, body: { code, message } });

// Returns the answer to a request, { status, body }, and the event to notify of afterwards, if any.
export function handle(method, path, authorization, body) {
  const caller = callerOf(authorization);
  if (!caller) return refusal(401, "Unauthorized");
  if (method === "PUT" && path === "/v2/phone-validations") return validate(caller, body);
  let match;
  if (method === "GET" && (match = /^\/v2\/phone-validations\/(\w+)$/.exec(path))) {
    const v = validations.get(match[1]);
    return v && v.registration === caller ? { status: 200, body: { data: { ...shown(v), expiresAt: v.expires } } } : refusal(404, "NotFound");
  }
  if (method === "GET" && (match = /^\/v2\/app-registrations\/(\w+)$/.exec(path))) {
    if (match[1] !== caller.id) return refusal(404, "NotFound");
    return { status: 200, body: { data: { _id: caller.id, phoneValidation: caller.linked } } };
  }
  return refusal(404, "NotFound");
}

function callerOf(authorization = "") {
  const [scheme, token] = authorization.split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) return undefined;
  return [...registrations.values()].find((r) => r.token === token);
}

function validate(caller, body) {
  let request;
  try {
    request = JSON.parse(body);
  } catch {
    return refusal(400, "BadRequest");
  }
  if (request === null || typeof request !== "object" || Array.isArray(request)) return refusal(400, "BadRequest");

  const { phone, countryCode, otp, project, projectFlow } = request;
  const missing = [];
  if (typeof phone !== "string" || phone === "") missing.push("missing phone");
  if (typeof countryCode !== "string" || countryCode === "") missing.push("missing countryCode");
  if (typeof otp !== "number") missing.push("missing otp");
  if (missing.length > 0) return refusal(409, "MissingParameter", missing.join("\n. "));
  if (!/^\+[0-9]{1,3}$/.test(countryCode)) {
    return refusal(409, "MissingParameter", "Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits.");
  }

  const digits = phone.replaceAll(" ", "");
  const validation = [...validations.values()].find((v) =>
    v.registration === caller && caller.countryCode === countryCode && caller.phone === digits &&
    (!project || project === caller.project) && (!projectFlow || projectFlow === caller.projectFlow));
  if (!validation) return refusal(404, "phone_validation_not_found");
  if (validation.status === "validated") return refusal(409, "phone_validation_already_validated");
  if (validation.expires <= new Date()) return refusal(412, "phoneValidation_has_expired");
  if (otp !== validation.otp) return refusal(403, "otp_does_not_match");

  validation.status = "validated";
  caller.linked = validation.id;
  return {
    status: 200,
    body: { data: { ...shown(validation), showFaceLivenessRecommendation: validation.recommendsLiveness } },
    notify: validation.webhookUrl,
    event: { type: "onboarding_phone_validation_validated", object: shown(validation) },
  };
}

function shown(v) {
  return { _id: v.id, status: v.status, countryCode: v.registration.countryCode, phone: v.registration.phone, type: "onboarding" };
}
