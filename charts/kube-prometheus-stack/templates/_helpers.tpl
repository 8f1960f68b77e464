{{/* Names. The public chart cuts at 26, so the release "prometheus" gives "prometheus-kube-prometheus". */}}
{{- define "kps.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "kps.fullname" -}}
{{- $chart := .Values.nameOverride | default .Chart.Name }}
{{- $long := contains $chart .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $chart) }}
{{- .Values.fullnameOverride | default $long | trunc 26 | trimSuffix "-" }}
{{- end }}

{{- define "kps.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "kps.operator" -}}
{{- .Values.prometheusOperator.fullnameOverride | default (printf "%s-operator" (include "kps.fullname" .)) }}
{{- end }}

{{- define "kps.prometheus" -}}
{{- include "kps.fullname" . }}-prometheus
{{- end }}

{{/* Name of the Prometheus resource; the operator derives the StatefulSet's and the pods' names from it. */}}
{{- define "kps.crname" -}}
{{- .Values.cleanPrometheusOperatorObjectNames | ternary (include "kps.fullname" .) (include "kps.prometheus" .) }}
{{- end }}

{{- define "kps.operator.serviceAccount" -}}
{{- $account := .Values.prometheusOperator.serviceAccount }}
{{- $account.name | default ($account.create | ternary (include "kps.operator" .) "default") }}
{{- end }}

{{- define "kps.prometheus.serviceAccount" -}}
{{- $account := .Values.prometheus.serviceAccount }}
{{- $account.name | default ($account.create | ternary (include "kps.prometheus" .) "default") }}
{{- end }}

{{/* Labels of everything; "release" is what the default selectors look for. */}}
{{- define "kps.labels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: {{ include "kps.name" . }}
app.kubernetes.io/version: {{ .Chart.Version | quote }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
heritage: {{ .Release.Service }}
release: {{ .Release.Name | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kps.operator.labels" -}}
app: {{ include "kps.name" . }}-operator
app.kubernetes.io/name: {{ include "kps.name" . }}-prometheus-operator
app.kubernetes.io/component: prometheus-operator
{{ include "kps.labels" . }}
{{- end }}

{{- define "kps.prometheus.labels" -}}
app: {{ include "kps.name" . }}-prometheus
{{ include "kps.labels" . }}
{{- end }}

{{/* An image reference. Takes (dict "root" $ "image" values "tag" fallback). */}}
{{- define "kps.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry }}
{{- $tag := .image.tag | default .tag }}
{{- with $registry }}{{ . }}/{{ end }}{{ .image.repository }}
{{- with $tag }}:{{ . }}{{ end }}
{{- with .image.sha }}@sha256:{{ . }}{{ end }}
{{- end }}

{{/* The address Prometheus gives as its own. */}}
{{- define "kps.externalUrl" -}}
{{- $spec := .Values.prometheus.prometheusSpec }}
{{- $ingress := .Values.prometheus.ingress }}
{{- if $spec.externalUrl }}
{{- tpl $spec.externalUrl . }}
{{- else if and $ingress.enabled $ingress.hosts }}
{{- $ingress.tls | empty | ternary "http" "https" }}://{{ tpl (first $ingress.hosts) . }}{{ $spec.routePrefix }}
{{- else }}
{{- printf "http://%s.%s:%v" (include "kps.prometheus" .) (include "kps.namespace" .) .Values.prometheus.service.port }}
{{- end }}
{{- end }}

{{/* What a values file may ask for and this chart does not bring; a comma-separated list. */}}
{{- define "kps.notCarried" -}}
{{- $asked := list }}
{{- range $part := list "alertmanager" "grafana" "kubeStateMetrics" "nodeExporter" "windowsMonitoring" "thanosRuler" "kubeApiServer" "kubelet" "kubeControllerManager" "coreDns" "kubeDns" "kubeEtcd" "kubeScheduler" "kubeProxy" }}
{{- if (index $.Values $part).enabled }}{{ $asked = append $asked $part }}{{ end }}
{{- end }}
{{- range $part := list "networkPolicy" "thanosService" "thanosServiceMonitor" "thanosServiceExternal" "thanosIngress" "servicePerReplica" "ingressPerReplica" "podDisruptionBudget" "verticalPodAutoscaler" }}
{{- if (index $.Values.prometheus $part | default dict).enabled }}{{ $asked = append $asked (printf "prometheus.%s" $part) }}{{ end }}
{{- end }}
{{- if .Values.defaultRules.create }}{{ $asked = append $asked "defaultRules" }}{{ end }}
{{- join ", " $asked }}
{{- end }}
