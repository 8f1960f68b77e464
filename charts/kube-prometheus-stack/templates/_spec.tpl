{{/*
The Prometheus resource's spec, as YAML: fields that were set are handed through unchanged, and the
chart's own helpers (image, selectors, secrets, storageSpec …) are turned into fields.
*/}}
{{- define "kps.spec" -}}
{{- $given := .Values.prometheus.prometheusSpec }}
{{- $spec := dict }}

{{- /* Fields handed through. "Empty" means unset, except where false or 0 says something. */}}
{{- $helpers := list "image" "sha" "tag" "baseImage" "version" "externalUrl" "storageSpec" "affinity" "additionalScrapeConfigs" "additionalScrapeConfigsSecret" "additionalAlertManagerConfigs" "additionalAlertManagerConfigsSecret" "additionalAlertRelabelConfigs" "additionalAlertRelabelConfigsSecret" "additionalPrometheusSecretsAnnotations" "additionalConfig" "additionalConfigString" "additionalRemoteRead" "additionalRemoteWrite" "alertingEndpoints" "disableAlerting" "podAntiAffinity" "podAntiAffinityTopologyKey" "prometheusExternalLabelNameClear" "replicaExternalLabelNameClear" "remoteWriteDashboards" }}
{{- $emptyCounts := list "replicas" "shards" "automountServiceAccountToken" "enableServiceLinks" "hostUsers" "walCompression" }}
{{- range $field, $value := $given }}
{{- if and (not (has $field $helpers)) (not (hasSuffix "Selector" $field)) (not (hasSuffix "NilUsesHelmValues" $field)) }}
{{- if or $value (and (has $field $emptyCounts) (not (kindIs "invalid" $value))) }}{{ $_ := set $spec $field $value }}{{ end }}
{{- end }}
{{- end }}

{{- $_ := set $spec "image" (include "kps.image" (dict "root" $ "image" $given.image "tag" "")) }}
{{- $_ := set $spec "imagePullPolicy" $given.image.pullPolicy }}
{{- $_ := set $spec "version" ($given.version | default $given.image.tag) }}
{{- $_ := set $spec "serviceAccountName" (include "kps.prometheus.serviceAccount" .) }}
{{- $_ := set $spec "externalUrl" (include "kps.externalUrl" .) }}
{{- with .Values.global.imagePullSecrets }}{{ $_ := set $spec "imagePullSecrets" . }}{{ end }}
{{- with $given.storageSpec }}{{ $_ := set $spec "storage" . }}{{ end }}
{{- if $given.prometheusExternalLabelNameClear }}{{ $_ := set $spec "prometheusExternalLabelName" "" }}{{ end }}
{{- if $given.replicaExternalLabelNameClear }}{{ $_ := set $spec "replicaExternalLabelName" "" }}{{ end }}
{{- if and $given.alertingEndpoints (not $given.disableAlerting) }}{{ $_ := set $spec "alerting" (dict "alertmanagers" $given.alertingEndpoints) }}{{ end }}
{{- with $given.additionalRemoteRead }}{{ $_ := set $spec "remoteRead" (concat ($given.remoteRead | default list) .) }}{{ end }}
{{- with $given.additionalRemoteWrite }}{{ $_ := set $spec "remoteWrite" (concat ($given.remoteWrite | default list) .) }}{{ end }}

{{- /* Selectors: the user's, or the release's, or everything. A set one is never merged with a default. */}}
{{- range $kind := list "rule" "serviceMonitor" "podMonitor" "probe" "scrapeConfig" }}
{{- $selector := index $given (printf "%sSelector" $kind) | default dict }}
{{- if and (not $selector) (index $given (printf "%sSelectorNilUsesHelmValues" $kind)) }}
{{- $selector = dict "matchLabels" (dict "release" $.Release.Name) }}
{{- end }}
{{- $_ := set $spec (printf "%sSelector" $kind) $selector }}
{{- $_ := set $spec (printf "%sNamespaceSelector" $kind) (index $given (printf "%sNamespaceSelector" $kind) | default dict) }}
{{- end }}
{{- with $given.nodeSelector }}{{ $_ := set $spec "nodeSelector" . }}{{ end }}

{{- /* Spread replicas over nodes, softly unless asked otherwise. */}}
{{- $affinity := deepCopy ($given.affinity | default dict) }}
{{- if has $given.podAntiAffinity (list "soft" "hard") }}
{{- $labels := dict "app.kubernetes.io/name" "prometheus" "app.kubernetes.io/instance" (include "kps.crname" .) }}
{{- $term := dict "topologyKey" $given.podAntiAffinityTopologyKey "labelSelector" (dict "matchLabels" $labels) }}
{{- if eq $given.podAntiAffinity "hard" }}
{{- $_ := set $affinity "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) }}
{{- else }}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) }}
{{- end }}
{{- end }}
{{- with $affinity }}{{ $_ := set $spec "affinity" . }}{{ end }}

{{- /* Raw Prometheus configuration: the chart's Secret, or one of the user's. */}}
{{- range $field := include "kps.rawConfigs" . | fromYamlArray }}
{{- $secret := index $given (printf "%sSecret" $field) | default dict }}
{{- if index $given $field }}
{{- $_ := set $spec $field (dict "name" (printf "%s-raw" (include "kps.prometheus" $)) "key" (printf "%s.yaml" $field)) }}
{{- else if and $secret.name (ne (toString $secret.enabled) "false") }}
{{- $_ := set $spec $field (omit $secret "enabled") }}
{{- end }}
{{- end }}

{{- with $given.additionalConfig }}{{ $spec = mergeOverwrite $spec . }}{{ end }}
{{- with $given.additionalConfigString }}{{ $spec = mergeOverwrite $spec (tpl . $ | fromYaml) }}{{ end }}
{{- tpl (toYaml $spec) . }}
{{- end }}

{{- define "kps.rawConfigs" -}}
[additionalScrapeConfigs, additionalAlertManagerConfigs, additionalAlertRelabelConfigs]
{{- end }}
