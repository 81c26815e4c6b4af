# The reference provider that the binary carries, started on a loopback port for the length of a run. Nothing else
# is needed: its states and its notifications come with it. It certifies the tool itself, and shows what a provider
# that keeps the contract looks like; your own provider is certified by another environment: -e staging.

target "embedded" {}
