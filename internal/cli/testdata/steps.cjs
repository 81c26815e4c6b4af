// Asks the language service that Cucumber's editor plug-ins are made of which steps of features are undefined.
// usage: node steps.cjs GLUE FEATURE...
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { ExpressionBuilder, getGherkinDiagnostics } = require("@cucumber/language-service");
const { WasmParserAdapter } = require("@cucumber/language-service/wasm");

const [glue, ...features] = process.argv.slice(2);

(async () => {
  const parser = new WasmParserAdapter(dirname(require.resolve("@cucumber/language-service")) + "/../..");
  await parser.init();
  const built = new ExpressionBuilder(parser).build([{ languageName: "go", uri: glue, content: readFileSync(glue, "utf8") }], []);
  const expressions = built.expressionLinks.map((link) => link.expression);
  const diagnostics = features.flatMap((f) => getGherkinDiagnostics(readFileSync(f, "utf8"), expressions).map((d) => `${f}: ${d.message}`));
  console.log(JSON.stringify({ expressions: expressions.length, errors: built.errors.map(String), diagnostics }));
})();
