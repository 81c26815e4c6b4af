// Verifies pacts by Pact's own verifier against their providers, one after another, and writes what failed of each.
// usage: node verify.cjs OUT (PACT BASE-URL STATES-URL)...
const { writeFileSync } = require("node:fs");
const { Verifier } = require("@pact-foundation/pact-core");

const [out, ...providers] = process.argv.slice(2);

async function failures(pact, base, states) {
  const verifier = new Verifier({
    provider: "phone-validations", pactUrls: [pact], providerBaseUrl: base, providerStatesSetupUrl: states, logLevel: "error", timeout: 10000,
  });
  try {
    await verifier.verify();
    return [];
  } catch (error) {
    return JSON.parse(error.message).errors.map((e) => e.interaction.replace(/^.* - (?=[A-Z]+-\d)/, ""));
  }
}

(async () => {
  const found = [];
  for (let i = 0; i < providers.length; i += 3) found.push(await failures(...providers.slice(i, i + 3)));
  writeFileSync(out, JSON.stringify(found));
})();
