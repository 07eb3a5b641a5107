// DescribeDaemon: one daemon with its revisions and how many instances run each.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeDaemon.html
import type { DescribeDaemonRequest, DescribeDaemonResponse } from '@aws-sdk/client-ecs'
import type { EcsOperation } from '../context.ts'
import { describeDaemonDetail } from './describe.ts'
import { findDaemon } from './find-daemon.ts'

export const describeDaemon: EcsOperation<DescribeDaemonRequest, DescribeDaemonResponse> =
  ({ store }) =>
  (request, input) => ({ daemon: describeDaemonDetail(store, findDaemon(store, request, input.daemonArn ?? '')) })
