exports.spawn = () => {
  throw new Error('this CDKTF CLI is here for synth only: it has no terminal');
};
