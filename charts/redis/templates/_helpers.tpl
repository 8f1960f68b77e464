{{- define "redis.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redis.fullname" -}}
{{- $chart := .Values.nameOverride | default .Chart.Name }}
{{- $long := contains $chart .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $chart) }}
{{- .Values.fullnameOverride | default $long | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redis.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "redis.selector" -}}
app.kubernetes.io/name: {{ include "redis.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: master
{{- end }}

{{/* metadata without a name: (dict "root" $ "annotations" more) */}}
{{- define "redis.metadata" -}}
namespace: {{ include "redis.namespace" .root }}
labels:
  {{- include "redis.selector" .root | nindent 2 }}
  app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge dict (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "redis.image" -}}
{{- $image := .Values.image }}
{{- with .Values.global.imageRegistry | default $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "redis.secret" -}}
{{- .Values.auth.existingSecret | default (include "redis.fullname" .) }}
{{- end }}

{{- define "redis.secretKey" -}}
{{- .Values.auth.existingSecret | empty | ternary "" .Values.auth.existingSecretPasswordKey | default "redis-password" }}
{{- end }}

{{- define "redis.serviceAccount" -}}
{{- $account := .Values.master.serviceAccount }}
{{- $account.name | default ($account.create | ternary (printf "%s-master" (include "redis.fullname" .)) "default") }}
{{- end }}

{{/* redis.conf: ours first, so that the user's lines win. */}}
{{- define "redis.conf" -}}
dir {{ .Values.master.persistence.path }}
port {{ .Values.master.containerPorts.redis }}
{{- if not .Values.auth.enabled }}
# Without a password Redis answers only its own host, unless told otherwise.
protected-mode no
{{- end }}
{{ tpl .Values.commonConfiguration . }}
{{- with .Values.master.configuration }}
{{ tpl . $ }}
{{- end }}
{{- range .Values.master.disableCommands }}
rename-command {{ . }} ""
{{- end }}
{{- end }}
