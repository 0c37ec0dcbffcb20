/** The part of Kubernetes' objects that the harness works with. `known-fields.ts` refuses what is not here. */

export type Words = Readonly<Record<string, string>>

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Words
  readonly annotations?: Words
}

export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

export interface LabelSelector {
  readonly matchLabels?: Words
}

export interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly configMapKeyRef?: KeyRef
    readonly secretKeyRef?: KeyRef
    readonly fieldRef?: { readonly fieldPath: string }
    readonly resourceFieldRef?: {
      readonly resource: string
      readonly containerName?: string
      readonly divisor?: string
    }
  }
}

export interface EnvFrom {
  readonly prefix?: string
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean }
  readonly secretRef?: { readonly name: string; readonly optional?: boolean }
}

export interface ExecAction {
  readonly command: readonly string[]
}

export interface HttpGetAction {
  readonly path?: string
  readonly port: number | string
  readonly scheme?: string
}

export interface Handler {
  readonly exec?: ExecAction
  readonly tcpSocket?: { readonly port: number | string }
  readonly httpGet?: HttpGetAction
}

export interface Probe extends Handler {
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
  readonly terminationGracePeriodSeconds?: number
}

export interface SecurityContext {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly readOnlyRootFilesystem?: boolean
}

export interface PodSecurityContext extends SecurityContext {
  readonly fsGroup?: number
  readonly supplementalGroups?: readonly number[]
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  readonly readOnly?: boolean
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
}

export interface Resources {
  readonly limits?: Words
  readonly requests?: Words
}

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly ports?: readonly ContainerPort[]
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFrom[]
  readonly resources?: Resources
  readonly volumeMounts?: readonly VolumeMount[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly lifecycle?: { readonly preStop?: Handler & { readonly sleep?: { readonly seconds: number } } }
  readonly securityContext?: SecurityContext
  /** Of an init container: `Always` makes it a sidecar. */
  readonly restartPolicy?: string
}

export interface KeyToPath {
  readonly key: string
  readonly path: string
  readonly mode?: number
}

export interface DownwardFile {
  readonly path: string
  readonly fieldRef?: { readonly fieldPath: string }
}

export interface FileSources {
  readonly configMap?: { readonly name: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean }
  readonly secret?: {
    readonly name?: string
    readonly secretName?: string
    readonly items?: readonly KeyToPath[]
    readonly optional?: boolean
  }
  readonly downwardAPI?: { readonly items: readonly DownwardFile[] }
}

export interface Volume {
  readonly name: string
  readonly configMap?: FileSources['configMap'] & { readonly defaultMode?: number }
  readonly secret?: FileSources['secret'] & { readonly defaultMode?: number }
  readonly downwardAPI?: FileSources['downwardAPI'] & { readonly defaultMode?: number }
  readonly projected?: { readonly sources: readonly FileSources[]; readonly defaultMode?: number }
  readonly emptyDir?: object
  readonly persistentVolumeClaim?: { readonly claimName: string }
}

export interface AffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly topologyKey: string
}

export interface PodSpec {
  readonly containers: readonly ContainerSpec[]
  readonly initContainers?: readonly ContainerSpec[]
  readonly volumes?: readonly Volume[]
  readonly restartPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly securityContext?: PodSecurityContext
  readonly shareProcessNamespace?: boolean
  readonly hostname?: string
  readonly subdomain?: string
  readonly dnsPolicy?: string
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[]
    readonly searches?: readonly string[]
    readonly options?: readonly { readonly name: string; readonly value?: string }[]
  }
  readonly enableServiceLinks?: boolean
  readonly affinity?: {
    readonly podAntiAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly AffinityTerm[]
      readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
        readonly weight: number
        readonly podAffinityTerm: AffinityTerm
      }[]
    }
  }
}

export interface PodTemplate {
  readonly metadata?: Partial<Metadata>
  readonly spec: PodSpec
}

export interface PodObject extends KubernetesObject {
  readonly spec: PodSpec
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Words
  readonly binaryData?: Words
}

export interface Secret extends KubernetesObject {
  readonly data?: Words
  readonly stringData?: Words
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly clusterIP?: string
    readonly selector?: Words
    readonly ports?: readonly ServicePort[]
    readonly publishNotReadyAddresses?: boolean
  }
}

export interface ClaimTemplate {
  readonly metadata: Partial<Metadata> & { readonly name: string }
}

export interface StatefulSet extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number
    readonly serviceName?: string
    readonly podManagementPolicy?: string
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly volumeClaimTemplates?: readonly ClaimTemplate[]
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
    readonly persistentVolumeClaimRetentionPolicy?: { readonly whenScaled?: string; readonly whenDeleted?: string }
  }
}

export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
    }
  }
}

export interface JobSpec {
  readonly template: PodTemplate
  readonly backoffLimit?: number
  readonly activeDeadlineSeconds?: number
  readonly ttlSecondsAfterFinished?: number
}

export interface Job extends KubernetesObject {
  readonly spec: JobSpec
}

export interface CronJob extends KubernetesObject {
  readonly spec: { readonly suspend?: boolean; readonly jobTemplate: { readonly spec: JobSpec } }
}

export interface PodDisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly selector: LabelSelector
    readonly maxUnavailable?: number | string
    readonly minAvailable?: number | string
    readonly unhealthyPodEvictionPolicy?: string
  }
}

export interface PolicyPeer {
  readonly podSelector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly ipBlock?: { readonly cidr: string }
}

export interface PolicyRule {
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number | string }[]
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: LabelSelector
    readonly policyTypes?: readonly string[]
    readonly ingress?: readonly (PolicyRule & { readonly from?: readonly PolicyPeer[] })[]
    readonly egress?: readonly (PolicyRule & { readonly to?: readonly PolicyPeer[] })[]
  }
}
