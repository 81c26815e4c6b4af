package html

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// TestHTMLInABrowser opens the page in a real browser, one for all cases. The page comes over loopback, so that
// every request that it makes is seen.
func TestHTMLInABrowser(t *testing.T) {
	browser := startBrowser(t)
	run := sample()
	run.Scenarios[1].Exchanges[0].TraceID = "00000000000000000000000000abcdef"
	run.Scenarios[4].Exchanges[1].Curl = "curl -d '62647737 é' <&> \"$TOKEN\"\n  --next"
	page := rendered(t, run)
	shared := openPage(t, browser, page) // for what needs no other settings: each case loads it anew

	t.Run("shows the verdict, opens the failures and asks for nothing but itself", func(t *testing.T) {
		tab := shared.again(t)
		require.Equal(t, "The contract is not kept, PV-02, PV-18 failed", evaluate[string](tab, `document.querySelector('h1').innerText`))
		require.Equal(t, "Of 21 promises: 14 passed, 2 failed, 1 broken, 1 waived, 1 observed, 2 skipped.",
			evaluate[string](tab, `document.querySelector('.lead').innerText`))
		require.True(t, evaluate[bool](tab, `document.getElementById('PV-02').closest('details').open`))
		require.False(t, evaluate[bool](tab, `document.getElementById('PV-01').closest('details').open`))
		require.Contains(t, evaluate[string](tab, `document.getElementById('PV-02').closest('details').textContent`), `"otp_not_match"`)
		require.Equal(t, 2, evaluate[int](tab, `[...document.querySelectorAll('.side mark.differs')].filter(m => m.textContent.includes('otp_not_match') || m.textContent.includes('"at"')).length`))
		require.Equal(t, 5, evaluate[int](tab, `document.querySelectorAll('.plot line').length`), "p50, p95, longest and two budgets")
	})

	t.Run("the filter answers to the keyboard alone", func(t *testing.T) {
		tab := shared.again(t)
		require.Equal(t, "33 scenarios in 21 promises", tab.count())
		tab.do(chromedp.KeyEvent(kb.Tab))
		require.Equal(t, "Skip to the promises", evaluate[string](tab, `document.activeElement.innerText`))
		tab.tabTo(`document.activeElement.id === 'filter-text'`)
		tab.do(chromedp.KeyEvent("LAST digit"))
		tab.wait(`document.getElementById('filter-count').innerText === '1 scenario in 2 promises'`)
		require.Equal(t, []string{"PV-02", "PV-18"}, tab.promises(), "an every-exchange rule names the scenario that showed its breach")
		tab.tabTo(`document.activeElement.dataset.verdict === 'passed'`)
		tab.do(chromedp.KeyEvent(" "))
		tab.wait(`!document.getElementById('filter-none').hidden`)
		require.Equal(t, "0 scenarios in 0 promises", tab.count())
		tab.tabTo(`document.activeElement.id === 'filter-clear'`)
		tab.do(chromedp.KeyEvent(kb.Enter))
		tab.wait(`document.getElementById('filter-count').innerText === '33 scenarios in 21 promises'`)
		require.Equal(t, "filter-text", evaluate[string](tab, `document.activeElement.id`), "the focus stays in the filter")
	})

	t.Run("the filter answers to the mouse", func(t *testing.T) {
		tab := shared.again(t)
		tab.do(chromedp.Click(chromedp.CSS(`.chip[data-verdict="failed"]`)))
		tab.wait(`document.getElementById('filter-count').innerText === '2 scenarios in 2 promises'`)
		require.Equal(t, []string{"PV-02", "PV-18"}, tab.promises(), "a promise without scenarios is found by its own verdict")
		tab.do(chromedp.Click(chromedp.CSS(`.chip[data-verdict="broken"]`)))
		tab.wait(`document.getElementById('filter-count').innerText === '3 scenarios in 3 promises'`)
		require.Equal(t, []string{"PV-02", "PV-07", "PV-18"}, tab.promises())
		tab.do(chromedp.SetValue(chromedp.ID("filter-rule"), "PV-07"), dispatch("filter-rule", "change"))
		tab.wait(`document.getElementById('filter-count').innerText === '1 scenario in 1 promise'`)
		require.Equal(t, []string{"PV-07"}, tab.promises())
	})

	t.Run("printed, it has nothing to press, and no more than what is wrong", func(t *testing.T) {
		tab := shared.again(t)
		tab.shownOn("print")
		require.Equal(t, 0, evaluate[int](tab, `[...document.querySelectorAll('button, input, select, .filter, .skip')].filter(e => e.getClientRects().length).length`))
		require.Equal(t, 0, evaluate[int](tab, `[...document.querySelectorAll('details.rule[data-verdict="passed"]')].filter(e => e.getClientRects().length).length`))
		require.NotZero(t, evaluate[int](tab, `document.getElementById('PV-02').closest('details').getClientRects().length`))
		printed := evaluate[int](tab, `document.documentElement.scrollHeight`)
		tab.shownOn("screen")
		require.Less(t, printed*3, 2*evaluate[int](tab, `document.documentElement.scrollHeight`))
	})

	t.Run("a trace id is found", func(t *testing.T) {
		tab := shared.again(t)
		tab.do(chromedp.SendKeys(chromedp.ID("filter-text"), "0000ABCDEF"))
		tab.wait(`document.getElementById('filter-count').innerText === '1 scenario in 1 promise'`)
		require.Equal(t, []string{"PV-01"}, tab.promises())
	})

	t.Run("a link opens what it leads to, also when the filter hides it", func(t *testing.T) {
		tab := shared.again(t)
		tab.do(chromedp.Click(chromedp.CSS(`.chip[data-verdict="failed"]`)))
		tab.wait(`document.getElementById('PV-01').closest('details').hidden`)
		tab.do(chromedp.Click(chromedp.CSS(`.cell[href="#PV-01"]`)))
		tab.wait(`document.getElementById('PV-01').closest('details').open && !document.getElementById('PV-01').closest('details').hidden`)
		tab.wait(`document.activeElement.id === 'PV-01'`)
	})

	t.Run("copy takes the command", func(t *testing.T) {
		tab := shared.again(t)
		evaluate[bool](tab, `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }, true`)
		tab.do(chromedp.Click(chromedp.CSS(`#scenario-5 ~ .exchange[open] .copy`)))
		tab.wait(`document.getElementById('said').textContent === 'Copied'`)
		require.Equal(t, run.Scenarios[4].Exchanges[1].Curl, evaluate[string](tab, `window.copied`))
	})

	t.Run("everything is readable without JavaScript", func(t *testing.T) {
		tab := openPage(t, browser, page, withoutScript)
		require.False(t, evaluate[bool](tab, `document.documentElement.classList.contains('js')`))
		require.Equal(t, 0, evaluate[int](tab, `[...document.querySelectorAll('.js-only')].filter(e => e.getClientRects().length).length`),
			"what needs the script is not offered")
		text := evaluate[string](tab, `document.querySelector('main').textContent`)
		require.Equal(t, "The contract is not kept, PV-02, PV-18 failed", evaluate[string](tab, `document.querySelector('h1').innerText`))
		for _, want := range []string{"only the last digit differs", "curl -X PUT", "4bf92f3577b34da6a3ce929d0e0e4736", "Not tested, and why", "budget for p95 80 ms"} {
			require.Contains(t, text, want)
		}
		tab.do(chromedp.Click(chromedp.CSS(`details[data-rule="PV-01"] > summary`)))
		tab.wait(`document.getElementById('PV-01').closest('details').open`)
	})

	t.Run("a hostile answer is text", func(t *testing.T) {
		tab := openPage(t, browser, rendered(t, hostile()))
		require.Equal(t, 1, evaluate[int](tab, `document.scripts.length`), "the page's own")
		require.Equal(t, 0, evaluate[int](tab, `document.querySelectorAll('img, iframe, object, embed, base, form, [onerror], [style], a[href]:not([href^="#"])').length`))
		text := evaluate[string](tab, `[...document.querySelectorAll('details')].forEach(d => d.open = true) || document.body.textContent`)
		require.Contains(t, text, `<script>alert(1)</script><img src=x onerror=alert(2)>`)
		require.Contains(t, text, `\u202e`)
		require.Contains(t, text, `\x1b[31mred`)
		require.NotRegexp(t, `[\x00\x1b\x{202a}-\x{202e}\x{2066}-\x{2069}\x{200b}]`, evaluate[string](tab, `document.documentElement.textContent`))
		require.False(t, evaluate[bool](tab, `document.documentElement.scrollWidth > document.documentElement.clientWidth`), "nothing is wider than the page")
	})

	t.Run("fits a phone and a desktop, light and dark", func(t *testing.T) {
		openPage(t, browser, page).fits()
	})

	t.Run("many nights fit a phone and a desktop, light and dark, with no script", func(t *testing.T) {
		h := nightsOf("passed", "failed", "broken", "waived", "skipped", "observed", "passed")
		h.LeaveOut("junit.json", "this is not a result file: it has no version")
		tab := openPage(t, browser, []byte(historyOf(t, h)))
		require.Equal(t, 0, evaluate[int](tab, `document.scripts.length`))
		require.Equal(t, 7, evaluate[int](tab, `document.querySelectorAll('.strips tr:nth-child(2) .strip rect').length`))
		require.Equal(t, 6, evaluate[int](tab, `new Set([...document.querySelectorAll('.strips tr:nth-child(2) .strip rect')].map(e => e.getBoundingClientRect().height.toFixed(1) + getComputedStyle(e).fill)).size`), "colour alone tells nothing")
		tab.fits()
	})

	t.Run("ten thousand scenarios with bodies of a megabyte stay usable", func(t *testing.T) {
		tab := openPage(t, browser, largePage())
		require.Equal(t, "2,000 scenarios in 21 promises", tab.count())
		tab.do(chromedp.SendKeys(chromedp.ID("filter-text"), "last of"))
		tab.wait(`document.getElementById('filter-count').innerText === '1 scenario in 1 promise'`)
	})
}

// fits asserts that nothing of the page is too wide, too small to be pressed or too faint.
func (tab *browserTab) fits() {
	tab.t.Helper()
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			tab.resize(width, scheme)
			require.LessOrEqual(tab.t, evaluate[int](tab, `document.documentElement.scrollWidth`), int(width), "%d wide, %s", width, scheme)
			require.Equal(tab.t, "[]", evaluate[string](tab, `JSON.stringify(`+tooSmallTargets+`)`), "%d wide, %s", width, scheme)
			require.Equal(tab.t, "[]", evaluate[string](tab, `JSON.stringify(`+lowContrast+`)`), "%d wide, %s", width, scheme)
		}
	}
}

// shownOn lays the page out for the screen or for paper.
func (tab *browserTab) shownOn(media string) {
	tab.t.Helper()
	_, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
	require.NoError(tab.t, err)
}

// tooSmallTargets lists what is meant to be pressed and is smaller than the 24 CSS pixels of WCAG 2.5.8; links
// within a text are exempt there.
const tooSmallTargets = `[...document.querySelectorAll('button, select, input, summary, .cell')]
	.filter(e => e.checkVisibility()).map(e => [e.className || e.id || e.tagName, e.getBoundingClientRect()])
	.filter(([, r]) => r.height < 24 || r.width < 24).map(([n, r]) => n + ' ' + r.width + 'x' + r.height)`

// lowContrast lists texts whose contrast with the first opaque background under them is below AA.
const lowContrast = `(() => {
	const channel = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
	const parse = s => s.match(/[\d.]+/g).map(Number);
	const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
	const found = new Set();
	for (const e of document.querySelectorAll('body *')) {
		if (!e.checkVisibility() || e.closest('svg, .vh, option') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		let under = e, back;
		do { back = parse(getComputedStyle(under).backgroundColor); under = under.parentElement; } while (back[3] === 0 && under);
		const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(back)].sort((x, y) => y - x);
		const ratio = (a + .05) / (b + .05);
		if (ratio < 4.5) found.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
	}
	return [...found];
})()`

// startBrowser starts the one browser of this test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is not started under -short")
	}
	path := findBrowser()
	if path == "" {
		message := "no Chromium was found: install the package chromium to run the browser tests of the HTML report"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to start as root with it
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // the test's own context ends before its clean-up
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	require.NoError(t, chromedp.Do(ctx), "the browser %s starts", path)
	// Closing it here, and not by the context's end, waits until it no longer writes to its profile's folder.
	t.Cleanup(func() { require.NoError(t, chromedp.Cancel(ctx)) })
	return ctx
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browserTab is a page in a tab of its own.
type browserTab struct {
	t       *testing.T
	ctx     context.Context
	address string
}

// again loads the page anew, for another test: nothing of what the one before did is left.
func (tab *browserTab) again(t *testing.T) *browserTab {
	t.Helper()
	other := &browserTab{t, tab.ctx, tab.address}
	other.do(chromedp.Navigate(tab.address))
	return other
}

type tabOption func(*browserTab)

func withoutScript(tab *browserTab) {
	_, err := chromedp.Call(tab.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(tab.t, err)
}

// resize gives the tab a window of that width, in a light or a dark scheme.
func (tab *browserTab) resize(width int64, scheme string) {
	tab.t.Helper()
	tab.do(chromedp.EmulateViewport(width, 900))
	_, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	require.NoError(tab.t, err)
}

// openPage shows a page. When the test ends, the page must have said nothing on the console, opened no dialog,
// broken no policy and asked for nothing but itself.
func openPage(t *testing.T, browser context.Context, page []byte, options ...tabOption) *browserTab {
	t.Helper()
	var mutex sync.Mutex
	var asked, events []string
	note := func(list *[]string, format string, values ...any) {
		mutex.Lock()
		defer mutex.Unlock()
		*list = append(*list, fmt.Sprintf(format, values...))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			return // the browser's own wish, not the page's
		}
		note(&asked, "%s %s", r.Method, r.URL.Path)
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(page)
	}))
	t.Cleanup(server.Close)

	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	address := server.URL + "/report.html"
	tab := &browserTab{t, ctx, address}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address && !strings.HasPrefix(e.Request.URL, address+"#") && !strings.HasSuffix(e.Request.URL, "/favicon.ico") {
				note(&events, "a request to %s", e.Request.URL)
			}
		case *log.EventEntryAdded:
			note(&events, "log: %s %s", e.Entry.Level, e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			note(&events, "console.%s", e.Type)
		case *runtime.EventExceptionThrown:
			note(&events, "exception: %s", e.ExceptionDetails.Text)
		case *devtools.EventJavascriptDialogOpening:
			note(&events, "dialog: %s", e.Message)
		}
	}))
	for _, option := range options {
		option(tab)
	}
	tab.do(chromedp.Navigate(address))
	t.Cleanup(func() {
		// A round trip: whatever the page did before is reported before its answer.
		require.Equal(t, 1, evaluate[int](tab, `1`))
		mutex.Lock()
		defer mutex.Unlock()
		require.Empty(t, events)
		require.Equal(t, []string{"GET /report.html"}, slices.Compact(asked))
	})
	return tab
}

func (b *browserTab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// wait waits until a condition holds in the page.
func (b *browserTab) wait(condition string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(10*time.Second)))
	require.NoError(b.t, err, condition)
}

// tabTo presses the tabulator until the condition holds.
func (b *browserTab) tabTo(condition string) {
	b.t.Helper()
	for range 120 {
		if evaluate[bool](b, condition) {
			return
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.t.Fatalf("the keyboard does not get to where %s", condition)
}

func (b *browserTab) count() string {
	b.t.Helper()
	return evaluate[string](b, `document.getElementById('filter-count').innerText`)
}

// promises is the ids of the promises that are shown.
func (b *browserTab) promises() []string {
	b.t.Helper()
	return evaluate[[]string](b, `[...document.querySelectorAll('details.rule')].filter(e => e.getClientRects().length).map(e => e.dataset.rule)`)
}

func dispatch(id, event string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`document.getElementById(%q).dispatchEvent(new Event(%q))`, id, event)))
		return err
	})
}

func evaluate[T any](b *browserTab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(b.t, err, expression)
	return value
}
