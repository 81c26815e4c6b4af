package cli

import (
	"cmp"
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
	var addr string
	var o reference.Options
	var f clientFlags
	cmd := verb("serve", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return a.serve(cmd.Context(), addr, o, &f)
	})
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where to listen, `HOST:PORT`; port 0 takes a free one")
	annotateFlag(cmd, "addr", address, "127.0.0.1:8080")
	cmd.Flags().StringVar(&o.Fault, "fault", "", "break one promise in the way of the fault `NAME`")
	cmd.Flags().StringArrayVar(&o.Variants, "variant", nil, "keep the promises in the other way of the variant `NAME`; repeatable")
	completeFlag(cmd, "fault", faultNames)
	cmd.Flags().BoolVar(&f.judged, "judge", false, "judge the clients: hold each request to what the documentation asks of them")
	f.judgeFlags.flags(cmd)
	f.endFlags.flags(cmd)
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) (err error) {
		cmd.Flags().Visit(func(given *pflag.Flag) {
			if !f.judged && !slices.Contains([]string{"addr", "fault", "variant", "judge", "no-color"}, given.Name) {
				err = cmp.Or(err, inputError("--%s is for --judge: without it nothing is judged", given.Name))
			}
		})
		if err != nil {
			return err
		}
		return f.prepare()
	}
	return cmd
}

// clientFlags is the flags of serve for judging its clients.
type clientFlags struct {
	judgeFlags
	endFlags
	judged bool
}

func (a *app) serve(ctx context.Context, addr string, o reference.Options, f *clientFlags) error {
	ctx = a.interruptible(ctx)
	over := f.begin(ctx)
	defer f.end()
	screen := a.Out
	var t *judgedTraffic
	var clients *traffic.Clients
	if f.judged {
		var err error
		if t, err = a.openTraffic(&f.judgeFlags, result.Received); err != nil {
			return err
		}
		screen = t.screen
		clients = traffic.NewClients(t.Traffic, t.checks)
		o.Wrap = func(p *reference.Provider, handler http.Handler) http.Handler {
			provider := traffic.Provider{Handler: handler, Endpoint: reference.Endpoint, Tokens: p.Tokens}
			return clients.Wrap(provider, func(found []traffic.Found, number int) {
				for _, f := range found {
					t.view.Found(f.Level, f.Finding, fmt.Sprintf("request %d", number))
				}
				t.view.Count(number)
				f.count(number)
			})
		}
	}
	o.FixedPhones = true
	server, err := a.startReference(addr, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(screen, "endpoint  PUT %s/v2/phone-validations\nset-up    %s/v2/app-registrations, %s/v2/phone-validations/app-registration\nstates    POST %s\ninbox     GET %s?countryCode=+507&phone=...\nliveness  %s is the project flow that recommends face liveness\n",
		server.BaseURL, server.BaseURL, server.BaseURL, server.StatesURL, strings.TrimSuffix(server.InboxURL, "?"), reference.LivenessFlow)
	fmt.Fprintf(screen, "phones    of %s with OTP %d and token %s, answered alike each time\n", reference.FixedCountryCode, reference.DemoOTP, reference.DemoToken)
	for _, phone := range reference.FixedPhones() {
		fmt.Fprintf(screen, "          %s  %s\n", phone.Phone, phone.Doc)
	}
	if !f.judged {
		<-ctx.Done()
		return &failure{code: result.ExitKept} // it did its work, also where its addresses could not be written
	}
	t.Source(server.BaseURL)
	fmt.Fprintf(screen, "judging   every request to the endpoint\n\n")
	<-over.Done()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	_ = server.Shutdown(last) // an earlier failure shows in the exchanges
	return a.finish(ctx, clients.Result(), &f.outputs)
}
