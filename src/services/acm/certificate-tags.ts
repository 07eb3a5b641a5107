// AddTagsToCertificate, RemoveTagsFromCertificate and ListTagsForCertificate.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html
import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  RemoveTagsFromCertificateRequest,
} from '@aws-sdk/client-acm'
import { certificates } from '../../store/load-balancing-tables.ts'
import { type AcmOperation, findCertificate } from './context.ts'
import { withTags } from './tags.ts'

export const addTagsToCertificate: AcmOperation<AddTagsToCertificateRequest, void> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const certificate = findCertificate(tx, request, input.CertificateArn)
      tx.put(certificates, { ...certificate, tags: withTags(certificate.tags, input.Tags) })
    })

/** A tag that is given with a value goes only when it has that value. */
export const removeTagsFromCertificate: AcmOperation<RemoveTagsFromCertificateRequest, void> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const certificate = findCertificate(tx, request, input.CertificateArn)
      const goes = (key: string | undefined, value: string | undefined): boolean =>
        input.Tags?.some(tag => tag.Key === key && (tag.Value === undefined || tag.Value === value)) ?? false
      tx.put(certificates, { ...certificate, tags: certificate.tags.filter(tag => !goes(tag.Key, tag.Value)) })
    })

export const listTagsForCertificate: AcmOperation<ListTagsForCertificateRequest, ListTagsForCertificateResponse> =
  ({ store }) =>
  (request, input) => ({ Tags: [...findCertificate(store, request, input.CertificateArn).tags] })
