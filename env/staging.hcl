# A staging environment of the provider: the same API as in production, at an address of your own.
#
#   export CONTRACT_VAR_client_token=...       # a secret: best not on a command line
#   verifik-contract plan -e staging --var-file staging.vars
#   verifik-contract run  -e staging --var-file staging.vars
#
# where staging.vars holds the other variables, one a line: base_url = "https://staging.example.test"
#
# As it stands nothing can be certified: PV-14 needs a webhook block, PV-15 a liveness_project_flow. All else is judged.

variable "base_url" {
  description = "Base URL of the staging API, without /v2"
}

variable "client_token" {
  description = "API token of the provider's client account"
  sensitive   = true # never shown anywhere
}

variable "project" {
  description = "Id of the project that registrations are made in"
}

variable "project_flow" {
  description = "Id of the project's onboarding flow"
}

variable "liveness_project_flow" {
  description = "Id of a flow that recommends face liveness; without one those scenarios are skipped"
  default     = ""
}

variable "phones" {
  description = "Phones of the pool: each serves one scenario at a time"
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
  retries     = 2  # where no answer came, and on 429, 502, 503 and 504
}

# States are made through the provider's own set-up API. Each pending validation sends a message, or, in a project
# in demo mode, none.
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

  # Without demo mode, read the messages of the phones from an inbox:
  #
  # otp "http" {
  #   url   = "https://inbox.example.test/otp?countryCode={countryCode}&phone={phone}"
  #   field = "otp"
  #   every = "1s"
  #   for   = "60s"
  # }
}

# Notifications (PV-14) are received where the provider can reach this machine, most often through a tunnel. To turn
# them on, start one that forwards to the port below and name its address:
#
# webhook {
#   listen     = "127.0.0.1:8085"
#   public_url = "https://tunnel.example.test"
#   wait       = "10s"
# }

# A rule that is known to be broken for a while need not turn the build red:
#
# waiver "PV-02" {
#   reason = "the gateway drops the prefix, ticket 123"
#   until  = "2027-01-31"
# }

budget {
  p95 = "800ms"
  max = "3s"
}
