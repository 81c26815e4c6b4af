target "http" { base_url = "http://127.0.0.1:18771" }
states "pact" { 
 url = "http://127.0.0.1:18771/_pact/provider-states" 
 teardown = true
}
