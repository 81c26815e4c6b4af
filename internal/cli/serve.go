package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/internal/traffic"
)

func (a *app) serveCommand() *cobra.Command {
	var addr, fault, variant string
	var clients clients
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Runs the reference provider alone, for other tools to be pointed at",
		Long: `Runs the reference provider until it is interrupted: the endpoint with all its documented semantics, the
set-up API, a Pact provider-state handler and an OTP inbox. It prints their URLs. What clients can take of it is
bounded: a request has 30 s, a PUT 4 MiB, a call of the others 64 KiB; the oldest records leave for new ones.

It also prints phones with a fixed behaviour, so that an app can be tried without any set-up: a PUT for one of them
with the token "demo" is answered alike each time. Whose token it is, and whether a parameter is missing, is looked at
before; what else is in the request does not matter.

With --fault it breaks one promise ("verifik-contract prove --list" names them all), so that another tool can be
tried on a provider that is not faithful.

With --judge it is a test partner for client code: it answers as before, and each request to the endpoint is held to
what the documentation asks of a client (features/client.feature). Calls of the set-up, the states and the inbox are
not, and other paths are counted and left out. It ends by a signal, or by itself (--until, --for): 0 where what came is
as documented, 1 where a rule of must or should is broken, 3 where no request came. The reports' forms:

` + forms(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkAddress(addr); err != nil {
				return err
			}
			around, end, err := clients.open(a, cmd)
			if err != nil {
				return err
			}
			server, err := a.refer(addr, reference.Options{Fault: fault, Variant: variant, FixedPhones: true, Around: around})
			if err != nil {
				return err
			}
			ctx := a.interruptible(cmd.Context())
			screen, _ := a.screen(clients.all())
			fmt.Fprintf(screen, "endpoint  PUT %s/v2/phone-validations\nset-up    %s/v2/app-registrations, %s/v2/phone-validations/app-registration\nstates    POST %s\ninbox     GET %s?countryCode=+507&phone=...\nliveness  %s is the project flow that recommends face liveness\n",
				server.BaseURL, server.BaseURL, server.BaseURL, server.StatesURL, strings.TrimSuffix(server.InboxURL, "?"), reference.LivenessFlow)
			fmt.Fprintf(screen, "phones    of %s with OTP %d and token %s, answered alike each time\n", reference.FixedCountryCode, reference.DemoOTP, reference.DemoToken)
			for _, phone := range reference.FixedPhones() {
				fmt.Fprintf(screen, "          %s  %s\n", phone.Phone, phone.Doc)
			}
			return end(ctx, server)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where to listen, `HOST:PORT`; port 0 takes a free one")
	cmd.Flags().StringVar(&fault, "fault", "", "break one promise in the way of the fault `NAME`")
	cmd.Flags().StringVar(&variant, "variant", "", "keep the promises in the other way of the variant `NAME`")
	offer(cmd, "fault", faultNames)
	clients.flags(cmd)
	return cmd
}

// clients is what serve needs to judge whoever calls it.
type clients struct {
	judging
	ending
	judged bool
}

func (c *clients) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.judged, "judge", false, "judge the clients: hold each request to what the documentation asks of them")
	c.judging.flags(cmd)
	c.ending.flags(cmd)
}

// open checks the flags. It returns what judges before a provider, and what waits for the end and shows what came.
func (c *clients) open(a *app, cmd *cobra.Command) (around func(*reference.Provider, http.Handler) http.Handler, end func(context.Context, *reference.Server) error, err error) {
	err = c.check(cmd)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !c.judged && !slices.Contains([]string{"addr", "fault", "variant", "judge"}, f.Name) && err == nil {
			err = input("--%s is for --judge: without it nothing is judged", f.Name)
		}
	})
	if err != nil || !c.judged {
		return nil, wait, err
	}
	stream, checks, err := a.openTraffic(&c.judging, result.Received)
	if err != nil {
		return nil, nil, err
	}
	judge, over := traffic.NewClients(stream, checks), c.begin(cmd.Context())
	screen, view := a.passing(&c.outputs)
	around = func(p *reference.Provider, handler http.Handler) http.Handler {
		provider := traffic.Provider{Handler: handler, Endpoint: reference.Endpoint, Tokens: p.Tokens}
		return judge.Around(provider, func(found []traffic.Found, number int) {
			for _, f := range found {
				view.Found(f.Level, f.Finding, fmt.Sprintf("request %d", number))
			}
			view.Count(number)
			c.came(number)
		})
	}
	return around, func(ctx context.Context, server *reference.Server) error {
		stream.Source(server.BaseURL)
		fmt.Fprintf(screen, "judging   every request to the endpoint\n\n")
		select {
		case <-ctx.Done():
		case <-over.Done():
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		_ = server.Shutdown(last) // why it ended before, if it did, shows in what came
		view.Close()
		return a.finish(ctx, judge.Result(), &c.outputs)
	}, nil
}

// wait is the end of a provider that judges nobody.
func wait(ctx context.Context, _ *reference.Server) error {
	<-ctx.Done()
	return nil
}
