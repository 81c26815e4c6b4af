package contract

// The rules that code has to name, by what they promise. No other place names a rule.
const (
	RuleSuccess    = "PV-01" // the right OTP
	RuleWrongOTP   = "PV-02"
	RuleNotFound   = "PV-03"
	RuleAllMissing = "PV-04"
	RuleMissing    = "PV-05"
	RuleFormat     = "PV-06" // of the country code
	RuleExpired    = "PV-07"
	RuleSpaces     = "PV-08"
	RuleNumber     = "PV-09" // an OTP is one
	RuleOptional   = "PV-10"
	RuleNarrowing  = "PV-11"
	RuleStatus     = "PV-12" // of the validation
	RuleLink       = "PV-13"
	RuleNotified   = "PV-14"
	RuleLiveness   = "PV-15"
	RuleToken      = "PV-16"
	RuleUnspent    = "PV-17"
	RuleTwoFields  = "PV-18"
	RuleOneValue   = "PV-19"
	RuleStatuses   = "PV-20"
	RuleTogether   = "PV-21" // country code and phone
	RuleUntouched  = "PV-22" // by a wrong OTP
	RuleMediaType  = "PV-23"
	RuleNoEcho     = "PV-24"
	RuleNoOtherOTP = "PV-25"
	RuleSpelling   = "PV-39" // of a phone
)

// The rules about clients.
const (
	RuleOwnToken    = "PC-01"
	RuleContentType = "PC-02"
	RuleParameters  = "PC-03"
	RuleDocumented  = "PC-04" // parameters and gateways
	RuleAddress     = "PC-05"
	RuleAfterwards  = "PC-06" // what comes after a refusal
)

// rulesExpectingAnswer returns the rules whose scenarios expect a certain answer.
func rulesExpectingAnswer() []string {
	return []string{
		RuleSuccess, RuleWrongOTP, RuleNotFound, RuleAllMissing, RuleMissing, RuleFormat, RuleExpired, RuleSpaces, RuleNumber, RuleOptional, RuleNarrowing,
		RuleLiveness, RuleUnspent, RuleTogether,
	}
}
