internal import CKernels

extension Tape {
  /// The input of a BERT: the sum of three looked-up rows for each token.
  ///
  ///     y[t] = words[ids[t]] + positions[place[t]] + types[type[t]]
  ///
  /// - Parameters:
  ///   - ids: One id for each token, in range.
  ///   - places: One position id for each token, in range.
  ///   - words: `[vocabulary, width]`.
  ///   - positions: `[positions, width]`.
  ///   - types: `[types, width]`; every token is of type 0.
  ///   - padding: The rows of `words` and of `positions` that do not learn, PyTorch's `padding_idx`.
  /// - Returns: `[tokens, width]`.
  ///
  /// Derivative: the gradient of a row is the sum of g over the tokens that looked it up; of a
  /// padding row, which a text can spell out, it is 0.
  public func embedding(
    ids: [Int32], places: [Int32], words: Parameter, positions: Parameter, types: Parameter,
    padding: (word: Int32?, position: Int32?) = (nil, nil)
  ) -> Variable {
    let width = words.shape[1]
    precondition(ids.count == places.count, "embedding: \(ids.count) ids, \(places.count) places")
    let result = Tensor([ids.count, width], as: precision) { writer in
      let (word, position) = (words.value.pointer, positions.value.pointer)
      let type = types.value.pointer
      WorkerPool.forEachBlock(of: ids.count, size: tokenBlock) { block in
        writer.write(block.lowerBound * width..<block.upperBound * width) { y in
          for token in block {
            kt_sum_of_three(
              width, word + Int(ids[token]) * width, position + Int(places[token]) * width, type,
              y + (token - block.lowerBound) * width)
          }
        }
      }
    }
    return record(result) { gradient, pass in
      pass.parameters.addRows(of: gradient, at: ids, to: words, except: padding.word)
      pass.parameters.addRows(of: gradient, at: places, to: positions, except: padding.position)
      pass.parameters.addRows(of: gradient, at: [0], to: types)
    }
  }
}

extension Gradients {
  /// Adds row t of `g` to row `indices[t]` of a table's gradient, in the order of t.
  ///
  /// - Parameters:
  ///   - g: `[tokens, width]`.
  ///   - indices: One for each token, or a single one that stands for all.
  ///   - table: `[rows, width]`.
  ///   - frozen: A row that nothing is added to.
  fileprivate func addRows(
    of g: Tensor, at indices: [Int32], to table: Parameter, except frozen: Int32? = nil
  ) {
    let width = g.width
    if indices == [frozen] { return }
    if indices.count == 1 {
      let sums = columnSums(rows: g.rowCount, width: width) { rows, sum in
        kt_add_rows(rows.count, width, width, g.pointer + rows.lowerBound * width, kt_fp32, sum)
      }
      rowGradient(of: table).accumulate(indices) { _, sum in kt_add(width, sums.pointer, sum) }
      return
    }
    // Tokens by the row they looked up: each row is then one thread's, and summed in token order.
    let order = indices.indices.filter { indices[$0] != frozen }
      .sorted { (indices[$0], $0) < (indices[$1], $1) }
    var starts: [Int] = []
    for (place, token) in order.enumerated()
    where place == 0 || indices[token] != indices[order[place - 1]] {
      starts.append(place)
    }
    let rows = starts.map { indices[order[$0]] }
    let source = g.pointer
    rowGradient(of: table).accumulate(rows) { index, sum in
      let end = index + 1 < starts.count ? starts[index + 1] : order.count
      for place in starts[index]..<end { kt_add(width, source + order[place] * width, sum) }
    }
  }
}
