// The floor: as many of the plainest scenarios as asked for, as plain HTTP calls and if-checks, against a provider with a Pact
// state handler. What the tool costs is measured beside it. usage: floor BASE SCENARIOS
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
)

type object = map[string]any

func call(method, url, token string, body object) (int, object) {
	text, _ := json.Marshal(body)
	request, err := http.NewRequest(method, url, bytes.NewReader(text))
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	var got object
	_ = json.NewDecoder(answer.Body).Decode(&got)
	return answer.StatusCode, got
}

func main() {
	base := os.Args[1]
	scenarios, err := strconv.Atoi(os.Args[2])
	failed := 0
	for i := range scenarios {
		_, state := call(http.MethodPost, base+"/_pact/provider-states", "", object{"state": "a pending phone validation", "params": object{}, "action": "setup"})
		body := object{"phone": state["phone"], "countryCode": state["countryCode"], "otp": state["otp"]}
		want, code := http.StatusOK, any(nil)
		if i%2 == 1 {
			body["otp"], want, code = state["wrongOtp"], http.StatusForbidden, "otp_does_not_match"
		}
		status, got := call(http.MethodPut, base+"/v2/phone-validations", fmt.Sprint(state["token"]), body)
		data, _ := got["data"].(object)
		if status != want || got["code"] != code || code == nil && (data["status"] != "validated" || data["phone"] != state["phone"]) {
			failed++
		}
	}
	if err != nil || failed > 0 {
		fmt.Println(failed, "failed", err)
		os.Exit(1)
	}
}
