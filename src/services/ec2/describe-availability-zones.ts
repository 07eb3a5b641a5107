// DescribeAvailabilityZones. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
import type { DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult } from '@aws-sdk/client-ec2'
import { checkDryRun, type Ec2Operation, invalidValue, readNetwork } from './context.ts'
import { type Fields, listed } from './filters.ts'
import { zoneId, zonesOf } from './zones.ts'

type Zone = { readonly id: string; readonly zoneId: string; readonly region: string; readonly tags: readonly [] }

const FIELDS: Fields<Zone> = {
  'zone-name': zone => zone.id,
  'zone-id': zone => zone.zoneId,
  'region-name': zone => zone.region,
  'group-name': zone => zone.region,
  'opt-in-status': () => 'opt-in-not-required',
  state: () => 'available',
  'zone-type': () => 'availability-zone',
}

const notFound = (id: string) => invalidValue(`Invalid availability zone: [${id}]`)

export const describeAvailabilityZones: Ec2Operation<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
> = dependencies => async (request, input) => {
  const { region } = request
  const reader = await readNetwork(dependencies, request)
  checkDryRun(input.DryRun)
  const zones = zonesOf(reader, request).map((id): Zone => ({ id, zoneId: zoneId(id, region), region, tags: [] }))
  const byId = input.ZoneIds?.map(id => zones.find(zone => zone.zoneId === id)?.id ?? id)
  const ids = input.ZoneNames ?? byId
  const { rows } = listed(zones, { ...input, operation: 'DescribeAvailabilityZones', ids, notFound, fields: FIELDS })
  return {
    AvailabilityZones: rows.map(zone => ({
      ZoneName: zone.id,
      ZoneId: zone.zoneId,
      RegionName: region,
      GroupName: region,
      NetworkBorderGroup: region,
      ZoneType: 'availability-zone',
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      Messages: [],
    })),
  }
}
