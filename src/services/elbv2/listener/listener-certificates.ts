// AddListenerCertificates, RemoveListenerCertificates and DescribeListenerCertificates: the certificates that a listener
// chooses among by the name that the client asks for (SNI). The default one is ModifyListener's to change.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html
import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
  RemoveListenerCertificatesInput,
  RemoveListenerCertificatesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { listeners } from '../../../store/load-balancing-tables.ts'
import { type Elbv2Operation, invalid, refusal } from '../context.ts'
import { findListener } from '../find.ts'
import { checkLimit, LIMITS } from '../limits.ts'
import { behind, page } from '../page.ts'
import { checkCertificates, isSecure } from './check-listener.ts'

export const addListenerCertificates: Elbv2Operation<AddListenerCertificatesInput, AddListenerCertificatesOutput> =
  ({ store }) =>
  (request, { ListenerArn, Certificates = [] }) =>
    store.write(tx => {
      const row = findListener(tx, request, ListenerArn)
      if (!isSecure(row.protocol)) throw invalid(`A certificate cannot be specified for ${row.protocol} listeners`)
      if (Certificates.length === 0) throw invalid('A certificate must be specified')
      const added = checkCertificates(tx, request, Certificates)
      const certificateArns = [...new Set([...row.certificateArns, ...added])]
      checkLimit('TooManyCertificates', 'certificates', certificateArns.length - 1, LIMITS.certificates)
      tx.put(listeners, { ...row, certificateArns })
      return { Certificates: added.map(CertificateArn => ({ CertificateArn, IsDefault: false })) }
    })

export const removeListenerCertificates: Elbv2Operation<
  RemoveListenerCertificatesInput,
  RemoveListenerCertificatesOutput
> =
  ({ store }) =>
  (request, { ListenerArn, Certificates = [] }) =>
    store.write(tx => {
      const row = findListener(tx, request, ListenerArn)
      if (Certificates.length === 0) throw invalid('A certificate must be specified')
      const gone = Certificates.map(({ CertificateArn = '' }) => CertificateArn)
      const [first = ''] = row.certificateArns
      if (gone.includes(first))
        throw refusal('OperationNotPermitted', `The default certificate '${first}' cannot be removed`)
      tx.put(listeners, { ...row, certificateArns: row.certificateArns.filter(arn => !gone.includes(arn)) })
      return {}
    })

export const describeListenerCertificates: Elbv2Operation<
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput
> =
  ({ store }) =>
  (request, input) => {
    const { arn, certificateArns } = findListener(store, request, input.ListenerArn)
    const keyOf = (certificate: string): string => certificate
    const { rows, marker } = page(input, {
      query: `DescribeListenerCertificates ${arn}`,
      rowsFrom: after => behind(certificateArns, keyOf, after),
      keyOf,
    })
    const [first] = certificateArns
    return {
      Certificates: rows.map(CertificateArn => ({ CertificateArn, IsDefault: CertificateArn === first })),
      ...marker,
    }
  }
