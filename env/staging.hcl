# A staging environment of the provider: the same API as in production, at an address of your own.
#
#   export CONTRACT_VAR_client_token=...       # a secret: keep it off the command line
#   verifik-contract plan -e staging --var-file staging.vars
#   verifik-contract run  -e staging --var-file staging.vars
#
# where staging.vars holds the other variables, one per line: base_url = "https://staging.example.test"
#
# As it stands there is no certificate: PV-14 needs a webhook block, PV-15 a liveness_project_flow. The rest is judged.

variable "base_url" {
  description = "Base URL of the staging API, without /v2"
}

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
  description = "Phones of the pool: each is used by one scenario at a time"
  type        = list(string)
  default     = ["+507 62647737", "+507 62647738", "+1 2025550143", "+57 3001234567"]
}

variable "demo_otp" {
  description = "The fixed OTP of a project in demo mode"
  sensitive   = true
}

target "http" {
  base_url    = var.base_url
  protected   = true # run shows the plan and asks first; --auto-approve answers
  timeout     = "15s"
  concurrency = 4
  rate        = 10 # calls a second
  retries     = 2  # if no answer came, or on 429, 502, 503 and 504
}

# States are made through the provider's own set-up API. Each pending validation sends a message, except in a project
# in demo mode.
states "verifik" {
  client_token          = var.client_token
  project               = var.project
  project_flow          = var.project_flow
  liveness_project_flow = var.liveness_project_flow
  phones                = var.phones
  expiry                = "expiresAt"

  otp "demo" {
    value = var.demo_otp
  }

  # Without demo mode, read the OTPs from an inbox:
  #
  # otp "http" {
  #   url   = "https://inbox.example.test/otp?countryCode={countryCode}&phone={phone}"
  #   field = "otp"
  #   every = "1s"
  #   for   = "60s"
  # }
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
