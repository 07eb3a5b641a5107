// ListDaemonDeployments: a daemon's deployments, newest first, twenty a page unless more are asked for.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemonDeployments.html
import type { ListDaemonDeploymentsRequest, ListDaemonDeploymentsResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { checkListing, deploymentsPage } from '../service/list-service-deployments.ts'
import { summarizeDeployment } from './describe-deployment.ts'
import { findDaemonEver } from './find-daemon.ts'

export const listDaemonDeployments: EcsOperation<ListDaemonDeploymentsRequest, ListDaemonDeploymentsResponse> =
  ({ store }) =>
  (request, input) => {
    checkListing(input)
    const daemon = findDaemonEver(store, request, input.daemonArn ?? '')
    // The operation models no DaemonNotFoundException.
    if (!daemon) throw invalid('Daemon not found.')
    const page = deploymentsPage(store, daemon, input)
    return {
      daemonDeployments: page.rows.map(summarizeDeployment),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }
