// The loops of the control plane, by name. Before: roles/core.ts. After: one folder a loop.
import { deploymentReconciler } from './deployment/reconciler.ts'
import type { DeploymentSettings } from './deployment/settings.ts'
import { instanceReconciler } from './instance/reconciler.ts'
import type { InstanceSettings } from './instance/settings.ts'
import { loadBalancerReconciler } from './load-balancer/reconciler.ts'
import type { LoadBalancerSettings } from './load-balancer/settings.ts'
import type { Reconciler, ReconcilerInput } from './loop.ts'
import { placementReconciler } from './placement/reconciler.ts'
import { retentionReconciler } from './retention/reconciler.ts'
import type { RetentionSettings } from './retention/settings.ts'
import { targetsReconciler } from './targets/reconciler.ts'

export type ReconcilerParts = Omit<ReconcilerInput<never>, 'settings' | 'limits'> & {
  readonly instances?: Partial<InstanceSettings>
  readonly deployments?: Partial<DeploymentSettings>
  readonly retention?: Partial<RetentionSettings>
  /** Absent: no data plane, as in a simulation. */
  readonly loadBalancers?: Pick<LoadBalancerSettings, 'folder'> & Partial<LoadBalancerSettings>
}

export type Reconcilers = { readonly all: readonly Reconciler[]; readonly stop: () => Promise<void> }

export const startReconcilers = (input: ReconcilerParts): Reconcilers => {
  const { instances = {}, deployments = {}, retention = {}, loadBalancers, ...parts } = input
  const all = [
    deploymentReconciler({ ...parts, settings: deployments }),
    placementReconciler(parts),
    retentionReconciler({ ...parts, settings: retention }),
    instanceReconciler({ ...parts, settings: instances }),
    targetsReconciler(parts),
    ...(loadBalancers === undefined ? [] : [loadBalancerReconciler({ ...parts, settings: loadBalancers })]),
  ]
  return {
    all,
    stop: async () => {
      await Promise.all(all.map(reconciler => reconciler.stop()))
    },
  }
}
