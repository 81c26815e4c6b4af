package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verifik-contract/internal/reference"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/traffic"
)

// clients is what serve needs to judge whoever calls it.
type clients struct {
	judging
	ending
	judged bool

	app    *app
	stream *traffic.Clients
	screen io.Writer
	view   *terminal.Passing
	over   context.Context // ends when as many requests came as are asked for, or time is up
}

func (c *clients) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&c.judged, "judge", false, "judge the clients: hold each request to what the documentation asks of them")
	c.judging.flags(cmd)
	c.ending.flags(cmd)
}

// open checks the flags and prepares what judges, where clients are judged.
func (c *clients) open(a *app, cmd *cobra.Command) error {
	err := c.check(cmd)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !c.judged && !slices.Contains([]string{"addr", "fault", "variant", "judge"}, f.Name) && err == nil {
			err = input("--%s is for --judge: without it nothing is judged", f.Name)
		}
	})
	if err != nil || !c.judged {
		return err
	}
	stream, checks, err := a.openTraffic(&c.judging, result.Received)
	if err != nil {
		return err
	}
	c.app, c.stream, c.over = a, traffic.NewClients(stream, checks), c.begin(cmd.Context())
	c.screen, c.view = a.passing(&c.outputs)
	return nil
}

// around puts what judges before a provider.
func (c *clients) around(p *reference.Provider, handler http.Handler) http.Handler {
	if !c.judged {
		return handler
	}
	return c.stream.Around(traffic.Provider{Handler: handler, Endpoint: reference.Endpoint, Tokens: p.Tokens}, c.told)
}

// told shows what was found at a request.
func (c *clients) told(found []traffic.Found, number int) {
	for _, f := range found {
		c.view.Found(f.Rule, f.Level, f.Finding, f.Times, fmt.Sprintf("request %d", number))
	}
	c.view.Count(number)
	c.came(number)
}

// judge waits for the end, and shows what came.
func (c *clients) judge(ctx context.Context, server *reference.Server) error {
	c.stream.Source(server.BaseURL)
	fmt.Fprintf(c.screen, "judging   every request to the endpoint\n\n")
	select {
	case <-ctx.Done():
	case <-c.over.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	_ = server.Shutdown(last) // why it ended before, if it did, shows in what came
	c.view.Close()
	run := c.stream.Result()
	return c.app.finish(ctx, run, &c.outputs)
}
