/// A text cut into words, on its way from the pre-tokenizer to the model.
struct Words {
  /// The UTF-8 of the text.
  var text: [UInt8] = []
  /// Where the words lie in `text`, in order.
  var ranges: [Range<Int>] = []
}
