# The provider's production API. Runs here cost money: every pending validation sends a message, which costs
# credits. Look at the plan first; --max-messages limits how many messages a run may send.
#
#   export CONTRACT_VAR_client_token=...       # a secret: keep it off the command line
#   verifik-contract plan -e production --var-file production.vars
#   verifik-contract run  -e production --var-file production.vars --max-messages 60

variable "client_token" {
  description = "API token of the provider's client account"
  sensitive   = true # never shown anywhere
}

variable "project" {
  description = "Id of the project in which registrations are created"
}

variable "project_flow" {
  description = "Id of the project's onboarding flow"
}

variable "liveness_project_flow" {
  description = "Id of a flow that recommends face liveness; without one, the scenarios that need it are skipped"
  default     = ""
}

variable "phones" {
  description = "Phones that you own, as [\"+507 62647737\"]: each is used by one scenario at a time, and receives the messages"
  type        = list(string)
}

target "http" {
  base_url    = "https://api.verifik.co"
  protected   = true # run shows the plan and asks first; --auto-approve answers
  timeout     = "10s"
  concurrency = 2
  rate        = 5 # calls a second
  retries     = 2 # if no answer came, or on 429, 502, 503 and 504
}

states "verifik" {
  client_token          = var.client_token
  project               = var.project
  project_flow          = var.project_flow
  liveness_project_flow = var.liveness_project_flow
  phones                = var.phones
  expiry                = "expiresAt"

  # Asks on the terminal for the OTP that came to a phone. A job without a terminal reads it itself, from an inbox
  # over HTTP or with a command:
  #
  # otp "http" {
  #   url = "https://inbox.example.test/otp?countryCode={countryCode}&phone={phone}"
  # }
  #
  # otp "command" {
  #   argv = ["./read-otp", "{countryCode}", "{phone}"]
  # }
  otp "prompt" {}
}

# Notifications (PV-14) can be received only if the provider can reach this machine, usually through a tunnel. Start a
# tunnel that forwards to the port below, and put its address here:
#
# webhook {
#   listen     = "127.0.0.1:8085"
#   public_url = "https://tunnel.example.test"
#   wait       = "10s"
# }

# A rule that is known to be broken for now does not have to fail the build:
#
# waiver "PV-02" {
#   reason = "the gateway drops the prefix, ticket 123"
#   until  = "2027-01-31"
# }

budget {
  p95 = "800ms"
  max = "3s"
}
