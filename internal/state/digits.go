package state

// maxDigits is how long an OTP may be: with more, not every JSON implementation reads the number exactly.
const maxDigits = 15

// digitsFault tells what keeps a text from being an OTP; "" where nothing does. It never holds the text.
func digitsFault(text string) string {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return "is not made of digits alone"
		}
	}
	switch {
	case text == "":
		return "is empty"
	case text == "0":
		return "is zero, which is no OTP"
	case text[0] == '0':
		return "has a leading zero, which a JSON number cannot carry"
	case len(text) > maxDigits:
		return "has more than 15 digits, which not every JSON number can carry"
	}
	return ""
}

// wrongFor makes an OTP of the same length that differs in every digit and has no leading zero.
func wrongFor(otp string) string {
	wrong := []byte(otp)
	for i, digit := range wrong {
		if i == 0 {
			wrong[i] = '1' + (digit-'0')%9
		} else {
			wrong[i] = '0' + (digit-'0'+1)%10
		}
	}
	return string(wrong)
}

// codeFits tells whether a country code is + and 1 to 3 digits, as the documentation has it.
func codeFits(code string) bool {
	if len(code) < 2 || len(code) > 4 || code[0] != '+' {
		return false
	}
	for i := 1; i < len(code); i++ {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return true
}

// numberFits tells whether a phone of an environment is digits alone.
func numberFits(number string) bool {
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return number != ""
}
