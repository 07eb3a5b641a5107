// ListCertificates. https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
import type { ListCertificatesRequest, ListCertificatesResponse } from '@aws-sdk/client-acm'
import { AwsError } from '../../aws/error.ts'
import { pageOf, startOfPage } from '../../aws/paging.ts'
import { certificates } from '../../store/load-balancing-tables.ts'
import type { AcmOperation } from './context.ts'
import { summarise } from './describe.ts'

const MOST = 1_000

export const listCertificates: AcmOperation<ListCertificatesRequest, ListCertificatesResponse> =
  ({ store, clock }) =>
  ({ region }, input) => {
    const {
      CertificateStatuses: statuses,
      NextToken,
      MaxItems = MOST,
      CertificateKeyPairOrigins,
      SortBy,
      SortOrder,
    } = input
    for (const [name, value] of Object.entries({ ...input.Includes, CertificateKeyPairOrigins, SortBy, SortOrder }))
      if (value !== undefined)
        throw new AwsError('InvalidArgsException', `${name} is not built in Stowage yet: see docs/coverage.md.`)
    if (MaxItems < 1 || MaxItems > MOST)
      throw new AwsError('InvalidArgsException', `MaxItems must be from 1 to ${MOST}.`)
    const now = clock.now()
    const query = `ListCertificates ${region} ${JSON.stringify(statuses)}`
    const statusOf = (notAfter: number) => (notAfter <= now ? 'EXPIRED' : 'ISSUED')
    const { rows, nextToken } = pageOf(
      store.byIndex(certificates, 'byRegion', region, startOfPage(query, NextToken, 'InvalidArgsException')),
      {
        query,
        limit: MaxItems,
        keyOf: row => row.arn,
        where: row => !statuses?.length || statuses.includes(statusOf(row.notAfter)),
      },
    )
    return {
      CertificateSummaryList: rows.map(row => summarise(store, row, now)),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    }
  }
