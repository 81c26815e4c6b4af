# The provider's production API. Runs here cost money: every pending validation sends a message and charges
# credits. Look at the plan first; --max-messages bounds what a run may send.
#
#   export CONTRACT_VAR_client_token=...       # a secret: best not on a command line
#   verifik-contract plan -e production --var-file production.vars
#   verifik-contract run  -e production --var-file production.vars --max-messages 60

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
  description = "Phones that you own, as [\"+507 62647737\"]: each serves one scenario at a time, and gets the messages"
  type        = list(string)
}

target "http" {
  base_url    = "https://api.verifik.co"
  protected   = true # run shows the plan and asks first; --auto-approve answers
  timeout     = "10s"
  concurrency = 2
  rate        = 5 # calls a second
  retries     = 2 # where no answer came, and on 429, 502, 503 and 504
}

states "verifik" {
  client_token          = var.client_token
  project               = var.project
  project_flow          = var.project_flow
  liveness_project_flow = var.liveness_project_flow
  phones                = var.phones
  expiry                = "expiresAt"

  # Asks on the terminal which OTP came to which phone. A job without a terminal reads them by itself, from an inbox
  # over HTTP or by a command:
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
