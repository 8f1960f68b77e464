{{- define "adapter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "adapter.fullname" -}}
{{- $chart := .Values.nameOverride | default .Chart.Name }}
{{- $long := contains $chart .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $chart) }}
{{- .Values.fullnameOverride | default $long | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "adapter.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "adapter.selector" -}}
app.kubernetes.io/name: {{ include "adapter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "adapter.labels" -}}
{{ include "adapter.selector" . }}
app.kubernetes.io/component: metrics
app.kubernetes.io/part-of: {{ include "adapter.name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.customLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of a namespaced object: (dict "root" $ "annotations" more) */}}
{{- define "adapter.metadata" -}}
name: {{ include "adapter.fullname" .root }}
namespace: {{ include "adapter.namespace" .root }}
labels:
  {{- include "adapter.labels" .root | nindent 2 }}
{{- with merge dict (.annotations | default dict) .root.Values.customAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "adapter.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "adapter.fullname" .) "default") }}
{{- end }}

{{/* The adapter's configuration file. */}}
{{- define "adapter.config" -}}
{{- $rules := .Values.rules }}
{{- $config := dict }}
{{- $default := $rules.default | ternary (.Files.Get "files/default-rules.yaml" | fromYamlArray) list }}
{{- with concat $default ($rules.custom | default list) }}{{ $_ := set $config "rules" . }}{{ end }}
{{- with $rules.external }}{{ $_ := set $config "externalRules" . }}{{ end }}
{{- with $rules.resource }}{{ $_ := set $config "resourceRules" . }}{{ end }}
{{- toYaml $config }}
{{- end }}

{{/* The APIs this release serves, as {group: resources}. An existing ConfigMap is judged by the same values. */}}
{{- define "adapter.groups" -}}
{{- $rules := .Values.rules }}
{{- if or $rules.default $rules.custom }}
custom.metrics.k8s.io: {{ toJson .Values.rbac.customMetrics.resources }}
{{- end }}
{{- if $rules.external }}
external.metrics.k8s.io: {{ toJson .Values.rbac.externalMetrics.resources }}
{{- end }}
{{- if $rules.resource }}
metrics.k8s.io: ["*"]
{{- end }}
{{- end }}
