# The built-in reference provider, started on a loopback port for the duration of a run. Nothing else is needed: it
# makes its own states and sends its own notifications. A run against it tests the tool, and shows what a provider that
# keeps the contract looks like. To test your own provider, use another environment: -e staging.

target "embedded" {}
