{{/* Labels that tell the pods of one service from the other's: (dict "root" $ "name" name) */}}
{{- define "event-loop.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "event-loop.labels" -}}
{{ include "event-loop.selector" . }}
app.kubernetes.io/part-of: event-loop
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}
