package reference

import (
	"net/http"
	"strings"
)

// readInbox answers the OTP that was "sent" to a number, or 404 while there is none. Only validations that were made
// through the set-up API are there: the values of a provider state hold theirs already.
func (p *Provider) readInbox(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	// A + that nobody escaped arrives as a space.
	code := strings.Replace(q.Get("countryCode"), " ", "+", 1)
	phone := strings.ReplaceAll(q.Get("phone"), " ", "")

	p.records.mu.Lock()
	v := p.records.numbers[number{code, phone}]
	var otp any
	there := v != nil && v.inInbox
	if there {
		otp = p.behaviour.spell(v.otp)
	}
	p.records.mu.Unlock()
	if !there {
		setupError(w, http.StatusNotFound, "NotFound", "no message for that number")
		return
	}
	writeJSON(w, http.StatusOK, object{{"otp", otp}, {"countryCode", code}, {"phone", phone}})
}
