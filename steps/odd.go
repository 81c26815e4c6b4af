package steps

import (
	"strings"
	"sync"
)

// oddBody is something that is no request. None holds the OTP: an answer that quotes what it could not read
// would seem to echo it.
func oddBody(words string) []byte {
	switch words {
	case "text that is not JSON":
		return []byte("phone=62647737&otp")
	case "a list":
		return []byte(`["62647737","+507"]`)
	case "a deeply nested object":
		const depth = 1000
		return []byte(strings.Repeat(`{"phone":`, depth) + "0" + strings.Repeat("}", depth))
	case "an object of one mebibyte":
		return mebibyte()
	}
	return nil
}

// mebibyte returns an object of that size. It is made once: whoever sends it keeps it until its scenario ends.
var mebibyte = sync.OnceValue(func() []byte {
	const frame = `{"phone":""}`
	return []byte(`{"phone":"` + strings.Repeat("6", 1<<20-len(frame)) + `"}`)
})
