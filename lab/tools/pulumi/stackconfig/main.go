// Command stackconfig reads stack files as the Pulumi CLI does and prints what the program would get of each.
//
//	stackconfig Pulumi.yaml Pulumi.<stack>.yaml...
//
// A line of JSON for each: {"config": {key: text}} or {"error": text}. Secrets are "[secret]": nothing here has a key.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

type answer struct {
	Config map[string]string `json:"config"`
	Error  string            `json:"error,omitempty"`
}

func read(project *workspace.Project, file string) answer {
	sink := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: "never"})
	stack, err := workspace.LoadProjectStack(sink, project, file)
	if err != nil {
		return answer{Error: err.Error()}
	}
	texts, err := stack.Config.Decrypt(config.NewBlindingDecrypter())
	if err != nil {
		return answer{Error: err.Error()}
	}
	byName := map[string]string{}
	for key, text := range texts {
		byName[key.String()] = text
	}
	return answer{Config: byName}
}

func main() {
	project, err := workspace.LoadProject(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[2:] {
		if err := out.Encode(read(project, file)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
