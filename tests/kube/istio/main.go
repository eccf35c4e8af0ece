// Command istiorules holds what a charm gives istiod to read against Istio's own definitions.
//
//	istiorules check   < {"mesh": ..., "objects": [...]}
//	istiorules render  < {"template": ..., "values": ..., "mesh": ..., "pod": ..., "native": ...}
//
// check decodes the mesh's configuration, the specs of Istio's objects and the Envoy filters in
// them into the protobuf messages of Istio and Envoy, in which no unknown field and no wrong type
// is admitted, and runs Envoy's own constraints. render executes an injection template, as istiod
// does for a pod, and prints the YAML.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	extauthz "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	headermutation "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	meshconfig "istio.io/api/mesh/v1alpha1"
	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

type question struct {
	Template string           `json:"template"`
	Values   map[string]any   `json:"values"`
	Mesh     json.RawMessage  `json:"mesh"`
	Pod      corev1.Pod       `json:"pod"`
	Native   bool             `json:"native"`
	Objects  []map[string]any `json:"objects"`
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("call me with check or render"))
	}
	input, err := io.ReadAll(os.Stdin)
	fail(err)
	var asked question
	fail(json.Unmarshal(input, &asked))
	mesh := &meshconfig.MeshConfig{}
	fail(protojson.Unmarshal(asked.Mesh, mesh))
	switch os.Args[1] {
	case "check":
		for _, object := range asked.Objects {
			fail(check(object))
		}
	case "render":
		fail(render(asked, mesh))
	default:
		fail(fmt.Errorf("call me with check or render, not %s", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check decodes an object's spec, and what is in it.
func check(object map[string]any) error {
	messages := map[string]proto.Message{
		"AuthorizationPolicy": &security.AuthorizationPolicy{},
		"EnvoyFilter":         &networking.EnvoyFilter{},
		"Gateway":             &networking.Gateway{},
		"VirtualService":      &networking.VirtualService{},
	}
	kind := fmt.Sprint(object["kind"])
	message, known := messages[kind]
	if !known {
		return fmt.Errorf("no message for %s", kind)
	}
	spec, err := json.Marshal(object["spec"])
	if err != nil {
		return err
	}
	if err := protojson.Unmarshal(spec, message); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if filter, is := message.(*networking.EnvoyFilter); is {
		return checkPatches(filter)
	}
	return nil
}

func checkPatches(filter *networking.EnvoyFilter) error {
	for _, patch := range filter.ConfigPatches {
		config := patch.Patch.Value.Fields["typed_config"].GetStructValue()
		kind := config.Fields["@type"].GetStringValue()
		delete(config.Fields, "@type")
		encoded, err := protojson.Marshal(config)
		if err != nil {
			return err
		}
		var message interface {
			proto.Message
			ValidateAll() error
		} = &extauthz.ExtAuthz{}
		if strings.HasSuffix(kind, ".HeaderMutation") {
			message = &headermutation.HeaderMutation{}
		}
		if err := protojson.Unmarshal(encoded, message); err != nil {
			return err
		}
		if err := message.ValidateAll(); err != nil {
			return err
		}
	}
	return nil
}

// The fields of istiod's SidecarTemplateData.
type templateData struct {
	TypeMeta                 metav1.TypeMeta
	DeploymentMeta           types.NamespacedName
	ObjectMeta               metav1.ObjectMeta
	Spec                     corev1.PodSpec
	ProxyConfig              *meshconfig.ProxyConfig
	MeshConfig               *meshconfig.MeshConfig
	Values                   map[string]any
	Revision                 string
	NativeSidecars           bool
	ProxyImage               string
	ProxyUID                 int64
	ProxyGID                 int64
	InboundTrafficPolicyMode string
	CompliancePolicy         string
}

func render(asked question, mesh *meshconfig.MeshConfig) error {
	parsed, err := template.New("inject").Funcs(sprig.TxtFuncMap()).Funcs(functions()).Parse(asked.Template)
	if err != nil {
		return err
	}
	proxy := mesh.DefaultConfig
	if text := asked.Pod.Annotations["proxy.istio.io/config"]; text != "" {
		if err := protojson.Unmarshal([]byte(text), proxy); err != nil {
			return err
		}
	}
	return parsed.Execute(os.Stdout, &templateData{
		TypeMeta:                 metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		DeploymentMeta:           types.NamespacedName{Namespace: asked.Pod.Namespace, Name: asked.Pod.Name},
		ObjectMeta:               asked.Pod.ObjectMeta,
		Spec:                     asked.Pod.Spec,
		ProxyConfig:              proxy,
		MeshConfig:               mesh,
		Values:                   asked.Values,
		Revision:                 "default",
		NativeSidecars:           asked.Native,
		ProxyImage:               "the-proxy-image",
		ProxyUID:                 1337,
		ProxyGID:                 1337,
		InboundTrafficPolicyMode: "passthrough",
	})
}

// functions are those that istiod adds to sprig's, as far as the templates here use them.
func functions() template.FuncMap {
	return template.FuncMap{
		"annotation": func(meta metav1.ObjectMeta, name string, otherwise any) string {
			if value, there := meta.Annotations[name]; there {
				return value
			}
			return fmt.Sprint(otherwise)
		},
		"contains": func(part, text string) bool { return strings.Contains(text, part) },
		"excludeInboundPort": func(port any, excluded string) string {
			text := fmt.Sprint(port)
			switch {
			case text == "" || text == "0":
				return excluded
			case excluded == "":
				return text
			}
			return excluded + "," + text
		},
		"fromJSON": func(text string) (value any, err error) {
			err = json.Unmarshal([]byte(text), &value)
			return value, err
		},
		"indent": func(spaces int, text string) string {
			return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", spaces))
		},
		"isset": func(values map[string]string, key string) bool {
			_, there := values[key]
			return there
		},
		"protoToJSON": func(message proto.Message) (string, error) {
			text, err := protojson.Marshal(message)
			return string(text), err
		},
		"structToJSON": func(value any) (string, error) {
			text, err := json.Marshal(value)
			return string(text), err
		},
		"toLower": strings.ToLower,
		"toYaml": func(value any) (string, error) {
			text, err := yaml.Marshal(value)
			return string(text), err
		},
		"valueOrDefault": func(value, otherwise any) any {
			if value == nil || value == "" {
				return otherwise
			}
			return value
		},
	}
}
