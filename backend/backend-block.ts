/** The `backend` of a stack that is made for one purpose and not synthesized: what the synthesized ones say, at another place. */
export function backendBlock(place: {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}) {
  const { bucket, key, region } = place;
  return {
    s3: {
      bucket,
      key,
      region,
      use_lockfile: true,
      use_path_style: true,
      skip_credentials_validation: true,
      skip_metadata_api_check: true,
      skip_region_validation: true,
      skip_requesting_account_id: true,
    },
  };
}
