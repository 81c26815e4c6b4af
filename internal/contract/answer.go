package contract

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// Documented is one error answer that the documentation shows.
type Documented struct {
	Words  string // what the answer says, as the features word it
	Status int
	Schema schemas.Name
}

// Answers is every documented error answer whose message is always the same.
func Answers() []Documented {
	return []Documented{
		{"the OTP does not match", http.StatusForbidden, schemas.DoesNotMatch},
		{"no phone validation was found", http.StatusNotFound, schemas.NotFound},
		{"the country code is badly written", http.StatusConflict, schemas.CountryCode},
		{"the OTP has expired", http.StatusPreconditionFailed, schemas.Expired},
	}
}

// AnswerOf finds a documented answer by its words.
func AnswerOf(words string) (Documented, bool) {
	for _, d := range Answers() {
		if d.Words == words {
			return d, true
		}
	}
	return Documented{}, false
}

// Required is the required parameters in the order in which the documentation's message names them.
func Required() []string { return []string{"phone", "countryCode", "otp"} }

// MissingMessage is the documented message for a set of missing parameters.
func MissingMessage(missing []string) string {
	parts := make([]string, len(missing))
	for i, name := range missing {
		parts[i] = "missing " + name
	}
	return strings.Join(parts, "\n. ")
}

// Unanswered tells why an exchange cannot be judged: no complete answer came, or the answer is one that a
// gateway or a limiter gives instead of the provider. Nil: it can be judged.
func Unanswered(e exchange.Exchange) *exchange.Failure {
	if e.Answer == nil {
		return e.Failure
	}
	switch e.Answer.Status {
	case http.StatusTooManyRequests:
		return &exchange.Failure{Cause: exchange.CauseRateLimited, Message: "the target answered 429: too many requests" + askedTooLong(e), Sent: true}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &exchange.Failure{Cause: exchange.CauseUnavailable, Message: fmt.Sprintf("the target answered %d: %s", e.Answer.Status, strings.ToLower(http.StatusText(e.Answer.Status))) + askedTooLong(e), Sent: true}
	}
	return nil
}

// askedTooLong says that an answer asks for a longer wait than is made; "": it does not.
func askedTooLong(e exchange.Exchange) string {
	if wait := e.RetryAfter(); wait > exchange.LongestRetryAfter {
		return ", and asks to come again in " + text.Duration(wait) + ": no more than " + text.Duration(exchange.LongestRetryAfter) + " are waited"
	}
	return ""
}

// Answered says how the last judged exchange before a read-back was answered, "" where none was.
func Answered(exchanges []exchange.Exchange) string {
	for i := len(exchanges) - 1; i >= 0; i-- {
		if e := exchanges[i]; e.Purpose == exchange.Judged && e.Answer != nil {
			return sketch(e.Answer)
		}
	}
	return ""
}

// sketch names an answer in a few words: "404 phone_validation_not_found".
func sketch(a *exchange.Answer) string {
	text := strconv.Itoa(a.Status)
	if a.Status >= 300 && a.Status < 400 {
		return text + " (a redirect, which is never followed)"
	}
	v, err := value(a)
	if err != nil {
		return text + ", and " + err.Error()
	}
	if code, ok := member(v, "code").(string); ok {
		// Which parameter is missing, or that it is the country code, stands in the message alone.
		if message, isText := member(v, "message").(string); isText && a.Status == http.StatusConflict && message != code {
			code += ": " + quote(message)
		}
		return text + " " + code
	}
	if status, ok := member(v, "data", "status").(string); ok {
		return text + " with status " + quote(status)
	}
	return text
}
