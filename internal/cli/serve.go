package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/internal/reference"
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
			if err := clients.open(a, cmd); err != nil {
				return err
			}
			provider, err := reference.New(reference.Options{Fault: fault, Variant: variant, FixedPhones: true, Around: clients.around})
			if err != nil {
				return input("%w", err)
			}
			defer provider.Close()
			server, err := reference.Listen(addr, provider)
			if err != nil {
				return input("the reference provider cannot listen on %s: %w", addr, err)
			}
			defer server.Close()
			ctx, cancel := a.interruptible(cmd.Context())
			defer cancel()
			screen, _ := a.screen(clients.all())
			fmt.Fprintf(screen, "endpoint  PUT %s/v2/phone-validations\nset-up    %s/v2/app-registrations, %s/v2/phone-validations/app-registration\nstates    POST %s\ninbox     GET %s?countryCode=+507&phone=...\nliveness  %s is the project flow that recommends face liveness\n",
				server.BaseURL, server.BaseURL, server.BaseURL, server.StatesURL, strings.TrimSuffix(server.InboxURL, "?"), reference.LivenessFlow)
			fmt.Fprintf(screen, "phones    of %s with OTP %d and token %s, answered alike each time\n", reference.FixedCountryCode, reference.DemoOTP, reference.DemoToken)
			for _, phone := range reference.FixedPhones() {
				fmt.Fprintf(screen, "          %s  %s\n", phone.Phone, phone.Doc)
			}
			if !clients.judged {
				<-ctx.Done()
				return nil
			}
			return clients.judge(ctx, server)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where to listen, `HOST:PORT`; port 0 takes a free one")
	cmd.Flags().StringVar(&fault, "fault", "", "break one promise in the way of the fault `NAME`")
	cmd.Flags().StringVar(&variant, "variant", "", "keep the promises in the other way of the variant `NAME`")
	offer(cmd, "fault", faultNames)
	clients.flags(cmd)
	return cmd
}
