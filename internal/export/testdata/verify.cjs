// Verifies a pact by Pact's own verifier against providers, one after another, and writes what failed of each.
// usage: node verify.cjs PACT OUT BASE-URL STATES-URL...
const { writeFileSync } = require("node:fs");
const { Verifier } = require("@pact-foundation/pact-core");

const [pact, out, ...providers] = process.argv.slice(2);

async function failures(base, states) {
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
  for (let i = 0; i < providers.length; i += 2) found.push(await failures(providers[i], providers[i + 1]));
  writeFileSync(out, JSON.stringify(found));
})();
