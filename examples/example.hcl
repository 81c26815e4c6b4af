# The environment of both examples: the provider and its state handler share one port of this machine.

variable "base_url" { default = "http://127.0.0.1:8080" }

target "http" {
  base_url = var.base_url
}

states "pact" {
  url      = "${var.base_url}/_pact/provider-states"
  teardown = true
}

webhook {
  listen = "127.0.0.1:0"
}
