package io.tenantkit;

/** An argument lies outside its bound; names the property and the bound, never the value. */
public final class InvalidInputException extends TenantkitException {
  private static final long serialVersionUID = 1L;

  private final String property;
  private final String bound;

  /** Makes the exception; its message is {@code property: bound}. */
  public InvalidInputException(String property, String bound) {
    super(ErrorCode.INVALID_INPUT, property + ": " + bound);
    this.property = property;
    this.bound = bound;
  }

  /** The argument that was refused. */
  public String property() {
    return property;
  }

  /** What would have been accepted. */
  public String bound() {
    return bound;
  }
}
