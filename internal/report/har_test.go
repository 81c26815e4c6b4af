package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/har"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
)

// archive is what is looked at of an HTTP archive.
type archive struct {
	Log struct {
		Pages []struct {
			Started string `json:"startedDateTime"`
			ID      string `json:"id"`
			Title   string `json:"title"`
		} `json:"pages"`
		Entries []struct {
			Page     string `json:"pageref"`
			Scenario string `json:"_scenario"`
			Request  struct {
				URL         string        `json:"url"`
				QueryString []view.Header `json:"queryString"`
				BodySize    int           `json:"bodySize"`
				PostData    struct {
					MIMEType string `json:"mimeType"`
					Comment  string `json:"comment"`
				} `json:"postData"`
			} `json:"request"`
			Response struct {
				Status      int    `json:"status"`
				RedirectURL string `json:"redirectURL"`
				Content     struct {
					MIMEType string `json:"mimeType"`
					Text     string `json:"text"`
				} `json:"content"`
				BodySize int    `json:"bodySize"`
				Error    string `json:"_error"`
			} `json:"response"`
		} `json:"entries"`
	} `json:"log"`
}

func TestHARKeepsTheExchanges(t *testing.T) {
	run := examples.Hostile()
	run.Scenarios[3].Exchanges[0].Request.URL = "https://api.example.test/a?x=1&y=a%20b&z&=%zz"
	run.Scenarios[3].Exchanges[0].Request.Size = 3 << 20
	run.Scenarios[3].Exchanges[0].Answer.Body += strings.Repeat("A\n", 1<<19)
	file := examples.Decode[archive](t, examples.Rendered(t, har.Render, run))
	require.Len(t, file.Log.Entries, 4)

	entry := file.Log.Entries[1]
	require.Equal(t, "features/wrong_otp.feature:8", entry.Scenario)
	require.Equal(t, []view.Header{{Name: "x", Value: "1"}, {Name: "y", Value: "a b"}, {Name: "z", Value: ""}}, entry.Request.QueryString)
	require.Equal(t, 3<<20, entry.Request.BodySize)
	require.NotEmpty(t, entry.Request.PostData.Comment)
	require.Equal(t, bytes.ToValidUTF8([]byte(run.Scenarios[3].Exchanges[0].Answer.Body), []byte("\ufffd\ufffd")), []byte(entry.Response.Content.Text), "a body is kept as it came")
	require.Greater(t, entry.Response.BodySize, 1<<20)

	broken := file.Log.Entries[3]
	require.Equal(t, 0, broken.Response.Status)
	require.Contains(t, broken.Response.Error, "timeout: ")
}

func TestHARFindsHeadersHoweverTheyAreSpelt(t *testing.T) {
	run := examples.Sample()
	exchange := &run.Scenarios[3].Exchanges[0]
	exchange.Request.Headers = map[string][]string{"content-type": {"application/json"}}
	exchange.Answer.Headers = map[string][]string{"CONTENT-TYPE": {"text/html"}, "location": {"/elsewhere"}}
	for _, entry := range examples.Decode[archive](t, examples.Rendered(t, har.Render, run)).Log.Entries {
		if entry.Scenario == run.Scenarios[3].ID {
			require.Equal(t, "application/json", entry.Request.PostData.MIMEType)
			require.Equal(t, "text/html", entry.Response.Content.MIMEType)
			require.Equal(t, "/elsewhere", entry.Response.RedirectURL)
			return
		}
	}
	require.Fail(t, "the scenario is not in the archive")
}

func TestHARURLIsOneThatParsersTake(t *testing.T) {
	for sent, kept := range map[string]string{
		"https://a.test/x?y=%20":        "https://a.test/x?y=%20",
		"https://a.test/\x1b\xff%zz \"": "https://a.test/%1B%FF%25zz%20%22",
	} {
		run := examples.Sample()
		run.Scenarios[3].Exchanges[0].Request.URL = sent
		require.Equal(t, kept, examples.Decode[archive](t, examples.Rendered(t, har.Render, run)).Log.Entries[1].Request.URL)
	}
}

func TestHARHasAPageForEachScenario(t *testing.T) {
	run := examples.Sample()
	again := run.Scenarios[3]
	again.Repeat, again.Exchanges = 2, append(again.Exchanges, again.Exchanges[0])
	run.Scenarios = append(run.Scenarios, again) // with the same ID, as no run makes it
	log := examples.Decode[archive](t, examples.Rendered(t, har.Render, run)).Log
	pages, entries := map[string]string{}, map[string]int{}
	for _, p := range log.Pages {
		require.NotContains(t, pages, p.ID)
		pages[p.ID] = p.Title
		require.Equal(t, "2026-03-04T05:06:07", p.Started[:19])
	}
	for _, e := range log.Entries {
		require.Contains(t, pages, e.Page)
		entries[pages[e.Page]]++
	}
	require.Equal(t, map[string]int{
		"PV-01 With a country code of 1 digit": 1, "PV-02 Only the first digit differs": 1, "PV-02 All digits differ": 1, "PV-07 The right OTP after expiry": 1,
		"PV-02 Only the first digit differs #2": 2,
	}, entries)
}
