package io.tenantkit;

/**
 * An argument is outside its bound. Names the property and the bound, never the value that was
 * given.
 */
public final class InvalidInputException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final String property;
  private final String bound;

  /**
   * @param property the argument's name as its documentation has it, for example {@code name}
   * @param bound what would have been accepted, for example {@code 1 to 255 characters}
   */
  public InvalidInputException(String property, String bound) {
    super(ErrorCode.INVALID_INPUT, property + ": " + bound);
    this.property = property;
    this.bound = bound;
  }

  /** The argument's name. */
  public String property() {
    return property;
  }

  /** What would have been accepted. */
  public String bound() {
    return bound;
  }
}
