# Environment NAME: where the provider is, how its states are made, what is waived. docs/ENVIRONMENTS.md describes
# every block and attribute.
#
#   verifik-contract validate -e NAME
#   verifik-contract plan     -e NAME
#   verifik-contract run      -e NAME
#
# A variable gets its value from --var name=value, --var-file FILE, the environment variable CONTRACT_VAR_name or its
# default: the first of these that is there.

variable "base_url" {
  description = "Base URL of the provider, without /v2"
  default     = "http://127.0.0.1:8080"
}

# variable "client_token" {
#   description = "API token of the provider's client account"
#   sensitive   = true # never shown anywhere; without a default, a value is required
# }

target "http" {
  base_url = var.base_url
  # protected   = true   # run asks first
  # timeout     = "10s"  # for one whole call
  # concurrency = 8      # scenarios at once
  # rate        = 10     # calls a second; no limit unless set
  # retries     = 2      # if no answer came, or on 429, 502, 503 and 504
  # headers     = { X-Env = "NAME" }
  # proxy       = "http://proxy.example.test:3128"
  #
  # tls {
  #   ca_file          = "ca.pem" # relative paths start at this file's folder
  #   client_cert_file = "client.pem"
  #   client_key_file  = "client.key"
  #   server_name      = "api.example.test"
  # }
}

# Each scenario starts from a provider state. One way to make it: your own Pact provider-state handler.
states "pact" {
  url = "${var.base_url}/_pact/provider-states" # or wherever it listens
  # without = ["a pending phone validation with a webhook"] # states that the handler does not know
}

# Another: the provider's own set-up API.
#
# states "verifik" {
#   client_token = var.client_token
#   project      = "..."
#   project_flow = "..."
#   phones       = ["+507 62647737"] # one scenario at a time for each
#
#   otp "http" {
#     url = "http://127.0.0.1:9001/_inbox?countryCode={countryCode}&phone={phone}"
#   }
# }

# A third: records that you prepared.
#
# states "static" {
#   file = "fixtures.json"
# }

# If the provider can reach this machine, notifications (PV-14, PV-27) are judged too.
#
# webhook {
#   listen     = "127.0.0.1:8085"
#   public_url = "https://tunnel.example.test"
# }

# A rule that is known to be broken for now.
#
# waiver "PV-02" {
#   reason = "the gateway drops the prefix, ticket 123"
#   until  = "2027-01-31"
# }

# How long a PUT may take.
#
# budget {
#   p95 = "800ms"
#   max = "3s"
# }
