/** An object as it lies in a bucket, and the blob that it is of. */
export interface RealCasblob {
  readonly what: string;
  /** SHA-256 of the blob, as sha256sum told it. */
  readonly hash: string;
  readonly size: number;
  readonly object: Buffer;
}

/** Made by bazel-remote 2.6.2 with `--storage_mode zstd` and an S3 store behind it, out of blobs sent to it with PUT. */
export const REAL_CASBLOBS: readonly RealCasblob[] = [
  {
    what: 'one byte',
    hash: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    size: 1,
    object: Buffer.from(
      'UCpNGCUAAAABAAAAAAAAAAEAABAAAgAAAAAAAAAtAAAAAAAAADsAAAAAAAAAKLUv/QQACQAAeCMRBIM=',
      'base64',
    ),
  },
  {
    what: '300 bytes of noise, which do not compress',
    hash: 'e8615d29417f5283bb043634fb9a6c2cf75132d40302a4fc3bcbf69fb094f7ae',
    size: 300,
    object: Buffer.from(
      [
        'UCpNGCUAAAAsAQAAAAAAAAEAABAAAgAAAAAAAAAtAAAAAAAAAGgBAAAAAAAAKLUv/UQALABhCQBXHjxd7m5ewEqR',
        'EV9dO1E+wlOkFq1u5TiUEdAomqNM9cA0fFnK8ISV82EbC1Bo1ZgE+S63KZlVV3mZvnjAEGaHApnlf2zSNbz7j0Sd',
        '7uI74ezMjL/1v77CC9v4a5zlT4W2B89G6UpLKvvU5Y9P4VwREoIYoysY93Lfj9V6R1ve5HQ0kyZckZ3Zi+ZUWYqd',
        'Dx8O1Crd4NzYXpBurRzZq+qe09qImNvgA8FCfutyuE0sA3d7GOUvQzl/tC7ZymoLTatsrwYTf21V2blUAVLxK4u2',
        '5S08Mi6F88zkiLD7EbTfAtZsZRBfcWwZiCDvckxuBC/yo+w89tncPrg0iSfn3nabq8n9BpUkH3pHmgtJ4k1vZzSV',
        'gnyfec7Mx+m+xwPB7G+BfiduN75F8416r1BfwvUO',
      ].join(''),
      'base64',
    ),
  },
  {
    what: '3 MiB and 5 bytes of words, in four chunks',
    hash: 'a1a35f9ce8c4a873932e0a5f368368ffc26fec69b05797d88e4dd25774dede7d',
    size: 3145733,
    object: Buffer.from(
      [
        'UCpNGD0AAAAFADAAAAAAAAEAABAABQAAAAAAAABFAAAAAAAAANYCAAAAAAAAWgUAAAAAAAAeCAAAAAAAADAIAAAA',
        'AAAAKLUv/aQAABAAFAQAggMMEsClAakJuJswbLnJJ7/DU9zXgKN85i6IzQ9X9qKA/XXSBELipAT0ck3Zcyyh8pkH',
        'IADm/oqlARCVGkDFgDQyEMOBlAFCDaBJgGmBJQhkMaAJA/hkPbCEHGcFOVID+DBghYBRBKwaIHNAUAWqGnAUAasy',
        'GFVAStamSJgzMzFMJXQCAAAgQAAj/+j/0ClMxUgjE8NJGUINmoRpWQIhOpowfA69/4wjFKyG7X9GEnLKYPuPsUKM',
        'IlYNmSOocvQfo+E/SMl/ZKP/KCnD6T/G/n8YAfwBAAAYQABV/+j/0ClMxUgjE8NJGUINmoRpWQIhOpowfA69/xio',
        '/1EW/2PY/sdY+4+cMtj+Y6wQuP8gh/8xgP8fOtwAABhlc3QFAN7/6P/QoPcfGFD/o8Difwwg9S+LQ4QAAAADQADt',
        '/89/rfX/Qzv+ZzpcAAAAAVQAETP9/7Z/AdwBAAAWQABo/z+AoQ+ssRpkAGMkOKcM9P9xrBCjiFVD5giqVDWOIlZl',
        'o0rKUP4fRwKASBIAxjEAIBa3/1kMrAAAAAVAANj/6P/QMrHG/+im/0HU/yVQbAAAAAJAAO7/z3+ts/vfoVwAAAAB',
        'VAARM/3/tn8B/AAAGGNoZQYA0//C/5GGFAyM/+OADIAxA/9/fcDZfzI7BFwAAAABVAATM/3/AIAFzAEAGHdheQ8A',
        'l//0/1BDEhykYGACEAesEDCKgFUDZA4IqgADQGiACACIQAGAmOHwP1QA/R80QPL/MjsEbAAAAAJAAPL/6P/Q3v+M',
        'bVwAAAABVAATM/3/AIAFZQEAIGV3YXkKALb/nH9bDUBAyoAKgNCA6X8xA+Z/8UDKAPF/cYDxv0jA+b83SwQnKlaI',
        'KLUv/aQAABAAPAQAwoMMEsClBamJUDZh2HKTJ8K0LPN0FTuRhxcV4N9ZHEjNgwj0WRltnbUGnWUZOMuyEdUiNQch',
        'ANv+iqUhhYGKAWlkIIYDKQOEGkCTANMCSxDIYkATBvgMIP6AIwrIQ1aQIzWADwNWCBhFwKoBMgcEVaCqAUcRsCqD',
        'UQWkZG2KhDkzE3OwZOUIVAAAAAFUAA8z/f/ofzQCAAAbQAA//89/rVOYipFGJoaTMoQaNAnTsgRCdDRh+BxI/zoO',
        'XLAahP965PzrnDJ0/vVYIUaRqn89SP71kPnXxca/lvP+mA4cAQAACkAAwv/o/9A+sd5/DNT/KIv/MWz/Y6z9R04Z',
        'bP8x8P7ZCFQAAAABVAAPM/3/6H/kAAAIZQYA1f+2f1FDCgb4fz2gAEDMwP9fH3j6J0NXXAAAAAFUABIz/f/0/wKM',
        'AgAIeR6A4A8n/1gAUacwFSONTAwnZQg1aBKmZQmE6GjC8Dm0AMQ4cMFqkAGMkeCcMpgAxGGFGEWsGhgAoBFUcfkP',
        'kgUAolv/HzX0/zhQ7L8ZSgH8AQAAGEAAWf/o/9ApTMVIIxPDSRlCDZqEaVkCITqaMHwOvf8YqP9RFv9j2P7HWPuP',
        'nDLY/mOsELj/IIf/MYz/L1DEAAAABkAA3P/o/9A+sd5/DNT/KIv/MWz/wwiEAAAQYXkCAPH/z3+twfN/YIsFXAAA',
        'AAFUABMz/f8AgAVcAAAAAVQAEzP9/+f/BbQBABhlc3QNAJ7/JgCQBiuAUQNWA2QAQANq/0EZUgbY/oMGrBDwABgJ',
        'DACABsgcIAEA1EEBwAUaAmwAAAACQADy/+j/0OT/jW1dAAAAAVQAEzP9/wCABcKc2pkotS/9pAAAEAB0BABiwwsS',
        'wKcDYozbbQbfuSlRYlUtxXFYZ6JOPhiQfeNoOBo2FuCt4xozWuFiBPLWMfHLBiUAxf6KpSGFgYoBaWQghgMpA4Qa',
        'QJMA0wJLEMhiQBMG+Azw/YAjCsgjaxJypAYozIAVAkYRsGqAzAFBFahqwFEErMpgVAEpWZsiIWdmqzmGMMBV2SQ1',
        'SkrWRJQwvAIAACZAAPf+6P/QKUzFSCMTw0kZQg2ahGlZAiE6mjB8Dr3/jCMUrIbtfwyQU4MPY4UYRawaMkdQpapx',
        'FLEqG1VShtN/jKZIzjHyH0XeP/K/f4x5/xj/fmIETAIAAB5AACn/6P/QKUzFSCMTw0kZQg2ahGlZAiE6mjB8Dr3/',
        'jCMUrIbtf0YScspg+4+xQowiVg2r/xhBFU3/IUv+wxn9h04ZTv9hBPQBAAAYQABb/+j/0ClMxUgjE8NJGUINmoRp',
        'WQIhOpowfA69/xio/1GwGrb/Mdb+I6cMtv8YKwTuP8jhfwycf1kMXAAAAAFUABEz/f+d/wFUAAAAAVQAEDP9/8//',
        'fAAAAANAAPH/tn9Rp+Czf0MMlAIAACJAABH/cQCtU5iKkUYmhpMyhBo0CdOyBEJ0NGH4HIwAOg5csBoyAOBIQk4Z',
        '6P/jWCFGEauGzBFUqWocRUL/x2xUSRnK/+Mo/R9J5P84BgBsMSwCAAh0GoDgD0P/6P/QKUzFSCMTw0kZQg2ahGlZ',
        'AiE6mjB8Dr3/jCMUrIbtf4y1/8gpg+0/hhViFDn8j2H1H4PsPwrS9O9GCvwAAAAIQADG/+j/0D6x3n8M1P8oi/8x',
        'bP9jkPuPw/yPwgZUAAAAAVQADzP9/+h/XAAAAAFUABMz/f8AgAVcAAAAAVQAEzP9/+f/BVwAAAABVAATM/3/zn8G',
        'XAAAAAFUABIz/f/0/wJdAAAAAVQAEzP9/5x/B2Zp8kMotS/9BAApAABseXdoZWV8Qmk=',
      ].join(''),
      'base64',
    ),
  },
];
